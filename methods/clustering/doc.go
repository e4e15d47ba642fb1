// Package clustering has the methods that learn by telling to which of many clusters a sample belongs, a file each.
package clustering
