package postgres

import "testing"

func TestTranslate(t *testing.T) {
	for statement, want := range map[string]string{
		"SELECT id FROM sources":                                      "SELECT id FROM sources",
		"SELECT id FROM sources WHERE name = ?":                       "SELECT id FROM sources WHERE name = $1",
		"UPDATE outputs SET sequence = ?, policy = ? WHERE id = ?":    "UPDATE outputs SET sequence = $1, policy = $2 WHERE id = $3",
		"DELETE FROM runs WHERE kind = ?1 AND name = ?2 AND ?1 <> ''": "DELETE FROM runs WHERE kind = $1 AND name = $2 AND $1 <> ''",
		"SELECT '?' WHERE value = ? AND text = 'it''s ?'":             "SELECT '?' WHERE value = $1 AND text = 'it''s ?'",
		"INSERT OR FAIL INTO entries(id, kind) VALUES (?,?),(?,?)":    "INSERT INTO entries(id, kind) VALUES ($1,$2),($3,$4)",
		"INSERT OR IGNORE INTO due(day, entry) VALUES (?,?)":          "INSERT INTO due(day, entry) VALUES ($1,$2) ON CONFLICT DO NOTHING",
		"INSERT OR IGNORE INTO due(day) SELECT at FROM assertions":    "INSERT INTO due(day) SELECT at FROM assertions ON CONFLICT DO NOTHING",
		"INSERT OR REPLACE INTO texts(object, text) VALUES (?,?)": "INSERT INTO texts(object, text) VALUES ($1,$2)" +
			" ON CONFLICT (object) DO UPDATE SET object = excluded.object, text = excluded.text",
		"INSERT OR REPLACE INTO ledger(output, entry, digest) VALUES (?,?,?)": "INSERT INTO ledger(output, entry, digest) VALUES ($1,$2,$3)" +
			" ON CONFLICT (output, entry) DO UPDATE SET output = excluded.output, entry = excluded.entry, digest = excluded.digest",
		"INSERT OR REPLACE INTO unknown(a) VALUES (?)":                             "INSERT OR REPLACE INTO unknown(a) VALUES ($1)",
		"SELECT entry FROM assertions INDEXED BY assertions_by_object WHERE a = ?": "SELECT entry FROM assertions WHERE a = $1",
	} {
		if got := Translate(statement); got != want {
			t.Errorf("%s\nbecomes %s\nwant    %s", statement, got, want)
		}
	}
}

func TestStorable(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "plain": "plain", "电站": "电站", "a\x00b": "a\uFFFDb", "a\xffb": "a\uFFFDb", "\x00": "\uFFFD",
	} {
		if got := Storable(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
