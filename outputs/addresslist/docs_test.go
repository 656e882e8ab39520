package addresslist

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs/addresslist/dialect"
)

// words are what the page of the dialects says in one language.
type words struct {
	path      string
	intro     string
	columns   [6]string
	options   [3]string
	source    string
	addresses map[dialect.Addresses]string
	names     map[dialect.Names]string
	// translate returns a text of a dialect in the language.
	translate func(t *testing.T, text string) string
}

// TestDocuments: the pages of the dialects are made from the dialects.
func TestDocuments(t *testing.T) {
	for _, w := range []words{english, chinese} {
		want := w.page(t)
		if *update {
			if err := os.WriteFile(w.path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if diff := cmp.Diff(want, read(t, w.path)); diff != "" {
			t.Errorf("%s is not what the dialects say; \"go test ./outputs/addresslist -update\" writes it anew (-want +got):\n%s", w.path, diff)
		}
	}
}

func (w *words) page(t *testing.T) string {
	var page strings.Builder
	page.WriteString(w.intro)
	fmt.Fprintf(&page, "\n| %s |\n|---|---|---|---|---|---|\n", strings.Join(w.columns[:], " | "))
	for _, d := range dialect.All() {
		fmt.Fprintf(&page, "| [%s](#%s) | %s | %s | %s | %s | %s |\n", d.Name, d.Name, w.translate(t, d.Reader), w.says(&d),
			orDash(d.Limits.Entries), orDash(d.Limits.Bytes), orDash(d.Limits.LineBytes))
	}
	for _, d := range dialect.All() {
		w.section(t, &page, &d)
	}
	return page.String()
}

// says lists what a dialect has words for.
func (w *words) says(d *dialect.Dialect) string {
	var all []string
	carried := 0
	for _, kind := range d.Kinds {
		text := "`" + kind.String() + "`"
		switch {
		case kind.Carried():
			carried++
			continue
		case kind == indicator.IP && w.addresses[d.Addresses] != "":
			text += " (" + w.addresses[d.Addresses] + ")"
		case kind == indicator.Domain && w.names[d.Names] != "":
			text += " (" + w.names[d.Names] + ")"
		}
		all = append(all, text)
	}
	if carried > 1 {
		return strings.Join(all, ", ") + w.names[allKinds]
	}
	if carried == 1 {
		all = append(all, "`file-name`")
	}
	return strings.Join(all, ", ")
}

// allKinds is where the words for "and all others" are.
const allKinds dialect.Names = 255

func (w *words) section(t *testing.T, page *strings.Builder, d *dialect.Dialect) {
	fmt.Fprintf(page, "\n## %s\n\n%s\n", d.Name, w.translate(t, d.Reader))
	if d.Note != "" {
		fmt.Fprintf(page, "\n%s\n", w.translate(t, d.Note))
	}
	fmt.Fprintf(page, "\n%s %s\n", w.source, d.Source)
	if len(d.Options) > 0 {
		fmt.Fprintf(page, "\n| %s |\n|---|---|---|\n", strings.Join(w.options[:], " | "))
		for _, option := range d.Options {
			fmt.Fprintf(page, "| `%s` | `%s` | %s |\n", option.Name, option.Default, w.translate(t, option.About))
		}
	}
	fmt.Fprintf(page, "\n```text\n%s```\n", exampleOf(t, d))
}

// exampleOf renders a few entries.
func exampleOf(t *testing.T, d *dialect.Dialect) string {
	t.Helper()
	var few []indicator.Entry
	for _, e := range everyWord() {
		switch e.Key.Value {
		case "45.155.7.9", "45.155.64.0/18", "2a0e:b107::9", "update.grid-portal.net", "grid-portal.org", "grid-portal.net/load",
			"https://grid-portal.net/", "billing@grid-portal.net", strings.Repeat("0a1b2c3d", 4), strings.Repeat("0a1b2c3d", 8):
			few = append(few, e)
		}
	}
	settings := inDialect(t, d.Name)
	deliverTo(t, settings, few...)
	text := strings.ReplaceAll(read(t, settings.Path), "\r\n", "\n")
	const longest = 16
	lines := strings.SplitAfter(text, "\n")
	if len(lines) > longest {
		lines = append(lines[:longest], "...\n")
	}
	return strings.Join(lines, "")
}

func orDash(n int) string {
	if n == 0 {
		return "–"
	}
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

var english = words{
	path: "../../docs/dialects.md",
	intro: `# Dialects

A dialect is the language in which the reader of a list wants it. The output [addresslist](../outputs/addresslist/README.md) takes its name in ` + "`dialect`" + `, and the options
of the tables below in ` + "`options`" + `. This page is made from the dialects themselves.

Where a dialect has no words for an entry, the entry is left out, counted in the log and in the record of the delivery, and named in the file ` + "`left-out.tsv`" + ` in the directory of
the output below the state directory. A limit is what the source documents; devices differ, so ` + "`max_entries`, `max_bytes` and `max_line_bytes`" + ` change it. Of a list that is too long those
entries are left out that are trusted least, and among equal ones the oldest. What has no dialect can be described with the dialect ` + "`template`" + `.
`,
	columns: [6]string{"Dialect", "Reader", "What it has words for", "Entries", "Bytes of a file", "Bytes of a line"},
	options: [3]string{"Option", "Default", "Meaning"},
	source:  "Source:",
	addresses: map[dialect.Addresses]string{
		dialect.IPv4: "IPv4 addresses", dialect.IPv4 | dialect.Prefixes: "IPv4", dialect.IPv4 | dialect.IPv6: "single addresses",
	},
	names: map[dialect.Names]string{
		dialect.ByScope: "alone or with subdomains", dialect.Alone: "alone", dialect.WithSubdomains: "with subdomains", allKinds: ", and all others",
	},
	translate: func(_ *testing.T, text string) string { return text },
}

var chinese = words{
	path: "../../docs/zh/dialects.md",
	intro: `# 方言

方言是名单的读取方所要求的书写格式。输出 [addresslist](../../outputs/addresslist/README.md) 在 ` + "`dialect`" + ` 中写方言的名称，下面各表中的选项写在 ` + "`options`" + ` 中。本页由方言本身生成。

方言无法表达的条目不会写入名单：它会计入日志和投递记录，并逐条列在状态目录下该输出目录中的 ` + "`left-out.tsv`" + ` 文件里。上限取自所列文档；不同设备有所不同，可用 ` + "`max_entries`、`max_bytes` 和 `max_line_bytes`" + ` 更改。
名单过长时，先舍去可信度最低的条目，可信度相同的先舍去最旧的。没有现成方言的格式可以用 ` + "`template`" + ` 方言自行描述。
`,
	columns: [6]string{"方言", "读取方", "可表达的内容", "条目数", "文件字节数", "行字节数"},
	options: [3]string{"选项", "默认值", "含义"},
	source:  "来源：",
	addresses: map[dialect.Addresses]string{
		dialect.IPv4: "IPv4 地址", dialect.IPv4 | dialect.Prefixes: "IPv4", dialect.IPv4 | dialect.IPv6: "单个地址",
	},
	names: map[dialect.Names]string{
		dialect.ByScope: "仅该域名或含子域名", dialect.Alone: "仅该域名", dialect.WithSubdomains: "含子域名", allKinds: "，以及其他所有类型",
	},
	translate: inChineseWords,
}

// inChineseWords translates a text, or its beginning and its end.
func inChineseWords(t *testing.T, text string) string {
	if translated, known := inChinese[text]; known {
		return translated
	}
	for i := range text {
		begin, known := inChinese[text[:i]]
		if end, also := inChinese[text[i:]]; known && also {
			return begin + end
		}
	}
	t.Errorf("inChinese lacks %q", text)
	return text
}
