declare const untrusted: unique symbol

/**
 * What a neighbour or a client sent in place of a `T`. At run time it may be anything, so nothing can be
 * read from it: hand it to the check that returns a `T` or refuses it.
 */
export interface Untrusted<T> {
  readonly [untrusted]: T
}
