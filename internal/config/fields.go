package config

import (
	"reflect"
	"strings"
)

// fieldSet is what the configuration can set in a struct.
type fieldSet struct {
	byName map[string]reflect.Value
	names  []string
	// structs are the struct and those that it holds inline and shows.
	structs []reflect.Value
}

// fieldsOf lists the fields of a struct by the names of their yaml tags. A field
// without a tag goes by its name in lower case, one tagged "-" is left out, and
// the fields of one tagged ",inline" belong to the struct itself.
func fieldsOf(v reflect.Value) *fieldSet {
	set := &fieldSet{byName: map[string]reflect.Value{}}
	set.collect(v)
	return set
}

func (s *fieldSet) collect(v reflect.Value) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		switch {
		case options == "inline":
			s.collect(v.Field(i))
		case name == "-" || !field.IsExported():
		default:
			if name == "" {
				name = strings.ToLower(field.Name)
			}
			s.byName[name] = v.Field(i)
			s.names = append(s.names, name)
		}
	}
	if v.CanInterface() {
		s.structs = append(s.structs, v)
	}
}
