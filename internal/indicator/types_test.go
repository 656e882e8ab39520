package indicator

import "testing"

func TestTypesOf(t *testing.T) {
	for _, c := range []struct {
		name  string
		words []string
		want  TypeSet
	}{
		{"no word", nil, 0},
		{"a word", []string{"benign"}, TypeBenign},
		{"another letter case, and space", []string{" Benign\n"}, TypeBenign},
		{"several", []string{"malicious-activity", "anonymization"}, TypeMalicious | TypeAnonymized},
		{"a word twice", []string{"benign", "benign"}, TypeBenign},
		{"a word outside the vocabulary", []string{"phishing"}, TypeOther},
		{"unknown is a word of the vocabulary", []string{"unknown"}, TypeUnknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := TypesOf(c.words); got != c.want {
				t.Errorf("TypesOf(%q) = %b, want %b", c.words, got, c.want)
			}
		})
	}
}

func TestTypeSetHasAllOrNot(t *testing.T) {
	set := TypeBenign | TypeUnknown
	for want, has := range map[TypeSet]bool{
		0: true, TypeBenign: true, TypeBenign | TypeUnknown: true, TypeMalicious: false, TypeBenign | TypeMalicious: false,
	} {
		if set.Has(want) != has {
			t.Errorf("%b has %b: %v, want %v", set, want, !has, has)
		}
	}
}

// TestTypeBitsAreStored holds the bits that are in every store.
func TestTypeBitsAreStored(t *testing.T) {
	for bit, set := range []TypeSet{
		TypeAnomalous, TypeAnonymized, TypeBenign, TypeCompromised, TypeMalicious, TypeAttribution, TypeUnknown, TypeOther,
	} {
		if set != 1<<bit {
			t.Errorf("the type in place %d has the bits %b", bit, set)
		}
	}
}
