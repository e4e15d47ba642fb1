// Package metrics measures clusterings and frozen features against labels: mutual information, Rand indices, accuracy under
// the best map, purity, entropies, the vote of nearest neighbours and a linear probe.
//
// Labels are any whole numbers; only which are equal counts. Entropies and information are in nats. Two labellings meet in a
// [Table], which is all that the measures of clusterings look at: build it once and ask it for several. Sums over large
// counts are exact in float64 up to 2^53. Where a measure is not defined by its formula (one cluster, no sample), it is what
// scikit-learn answers, and its comment says so.
package metrics
