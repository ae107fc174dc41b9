// Package search decides which texts a search finds, the same for every store.
//
// [Text] splits a title and a content into folded words. [Parse] reads what people type into a [Query] of such words.
// A store that indexes texts and looks up queries finds exactly the texts that [Query.Matches] accepts.
//
// A [Gate] bounds how many searches run at once and shares them fairly between clients.
package search
