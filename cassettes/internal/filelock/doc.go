// Package filelock keeps writers of a cassette apart. A writer holds a lock on
// the file as long as it has it open, so the lock ends with the process. Readers
// hold none. On systems without such locks there are none.
package filelock
