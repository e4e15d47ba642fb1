// Package contrastive has the methods that tell views of one sample from views of others, a file each.
package contrastive
