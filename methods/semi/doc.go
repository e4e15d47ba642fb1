// Package semi has the methods that learn from labels, of some samples or of all, a file each.
package semi
