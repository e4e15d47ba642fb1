// Package contrastive has the methods that compare views, a file each: they tell the views of one sample from those of others.
package contrastive
