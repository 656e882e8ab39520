package config

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"

	"github.com/indicatord/indicatord/internal/indicator"
)

var confidenceType = reflect.TypeFor[indicator.Confidence]()

// setScalar sets v, which is of one of Go's basic kinds, to what text says.
func setScalar(v reflect.Value, text string, quoted bool) error {
	if v.Kind() == reflect.String {
		v.SetString(text)
		return nil
	}
	if v.Type() == durationType {
		d, err := ParseDuration(text)
		v.SetInt(int64(d))
		return err
	}
	if quoted {
		return hinted{fmt.Errorf("%q is text; what belongs here is %s", text, nameOf(v.Kind())), "remove the quotes"}
	}
	switch {
	case v.Kind() == reflect.Bool:
		return setBool(v, text)
	case v.CanInt():
		return setInt(v, text)
	case v.CanUint():
		return setUint(v, text)
	case v.CanFloat():
		return setFloat(v, text)
	}
	return fmt.Errorf("a value of the type %s cannot be written in the configuration", v.Type())
}

func nameOf(kind reflect.Kind) string {
	switch kind {
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "a number"
	}
	return "a whole number"
}

func setBool(v reflect.Value, text string) error {
	switch text {
	case "true", "false":
		v.SetBool(text == "true")
		return nil
	}
	return fmt.Errorf("%q is neither true nor false", text)
}

func setInt(v reflect.Value, text string) error {
	lowest, highest := int64(math.MinInt64), int64(math.MaxInt64)
	if bits := v.Type().Bits(); bits < 64 {
		lowest, highest = -1<<(bits-1), 1<<(bits-1)-1
	}
	if v.Type() == confidenceType {
		lowest, highest = 0, 100
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return fmt.Errorf("%q is not a whole number", text)
	}
	if err != nil || n < lowest || n > highest {
		return fmt.Errorf("%s is not in the range from %d to %d", text, lowest, highest)
	}
	v.SetInt(n)
	return nil
}

func setUint(v reflect.Value, text string) error {
	n, err := strconv.ParseUint(text, 10, v.Type().Bits())
	if errors.Is(err, strconv.ErrRange) {
		return fmt.Errorf("%s is not in the range from 0 to %d", text, uint64(math.MaxUint64)>>(64-v.Type().Bits()))
	}
	if err != nil {
		return fmt.Errorf("%q is not a whole number of zero or more", text)
	}
	v.SetUint(n)
	return nil
}

func setFloat(v reflect.Value, text string) error {
	f, err := strconv.ParseFloat(text, v.Type().Bits())
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return fmt.Errorf("%q is not a number", text)
	}
	v.SetFloat(f)
	return nil
}
