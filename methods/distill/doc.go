// Package distill has the methods in which one network learns what another makes of a sample, a file each.
package distill
