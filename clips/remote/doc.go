// Package remote brings files from web servers and object stores into a cache folder, so that they can be read at any place and
// more than once.
//
// A file is written aside and renamed when it is whole, so what lies in the folder under its final name is good. Its name is made
// of the address and of the version that the server tells, so a file that changed is fetched again; the older one stays until
// somebody deletes it. The folder may be deleted while no run uses it.
package remote
