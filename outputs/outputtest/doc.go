// Package outputtest is the conformance suite of the outputs. [Run] drives an
// output as the core would and reads its tool back after each step. A new output
// passes when its test file holds one call:
//
//	func TestConformance(t *testing.T) {
//		outputtest.Run(t, outputtest.Suite{
//			Spec: Spec(),
//			New: func(t *testing.T) outputtest.Tool {
//				path := filepath.Join(t.TempDir(), "list")
//				return outputtest.Tool{
//					Settings: &Settings{Path: path},
//					Read:     func(t *testing.T) []indicator.Key { return readBack(t, path) },
//				}
//			},
//		})
//	}
//
// The package also has what tests of the core need: entries of every kind
// ([EachShape], [Entries], [NewEntry]), deliveries made by hand ([NewDelivery]),
// and a [View] that keeps a ledger as the core does.
package outputtest
