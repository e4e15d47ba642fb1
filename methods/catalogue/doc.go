// Package catalogue lists every objective, network and signal that golden cases can ask for by name: what goes in, which
// parameters it has, where it was published, and how this module answers. `vssl objective` prints the list and checks cases.
//
// A file holds the entries of one idea and registers them in its init function. An entry only translates between names and
// calls; what it computes is in methods/objective, methods/metrics, models, clips and audio, the functions that training uses.
package catalogue
