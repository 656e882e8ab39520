package config

import (
	"fmt"
	"strings"
)

// suggest asks whether the most similar of the choices was meant, "" if none is
// similar.
func suggest(word string, choices []string) string {
	if meant := closest(word, choices); meant != "" {
		return didYouMean(meant)
	}
	return ""
}

func didYouMean(word string) string { return fmt.Sprintf("did you mean %q?", word) }

// closest returns the most similar of the choices, "" if none is similar.
func closest(word string, choices []string) string {
	best, least := "", 1+len(word)/3
	for _, choice := range choices {
		if d := distance(plain(word), plain(choice)); d <= least && (best == "" || d < least) {
			best, least = choice, d
		}
	}
	return best
}

// plain makes words equal that differ only in letter case or in the sign between
// their parts.
func plain(word string) string {
	return strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(word))
}

// maxWord bounds the words that are compared.
const maxWord = 64

// distance is how many bytes have to be inserted, removed, replaced or swapped
// with their neighbour to make b of a.
func distance(a, b string) int {
	if len(a) > maxWord || len(b) > maxWord {
		return maxWord
	}
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(row[j+1]+1, next[j]+1, row[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
