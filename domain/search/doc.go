// Package search decides which texts a search finds, the same for every store.
//
// [Text] splits a title and a content into folded words. [Parse] reads what people type into a [Query] of such words.
// A store that indexes the one and looks up the other finds what [Query.Matches] finds.
//
// A [Gate] bounds how many searches run at once and shares them fairly between clients.
package search
