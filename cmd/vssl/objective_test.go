package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vssl/methods/catalogue"
)

// ownCases are golden cases that the repository carries.
const ownCases = "../../methods/catalogue/testdata/"

func TestObjectiveList(t *testing.T) {
	out := must(t, "objective", "list")
	for _, e := range catalogue.All() {
		if !strings.Contains(out, "\n"+e.Name+"  ") && !strings.HasPrefix(out, e.Name+"  ") {
			t.Errorf("%s is not listed", e.Name)
		}
	}
	out = must(t, "objective", "list", "contrastive.nt_xent")
	for _, word := range []string{"z1", "[B, D]", "temperature", "0.5", "2002.05709"} {
		if !strings.Contains(out, word) {
			t.Errorf("the entry of NT-Xent does not say %q:\n%s", word, out)
		}
	}
	if strings.Contains(out, "predictive.") {
		t.Errorf("a prefix does not leave out the others:\n%s", out)
	}
	var list []catalogue.Entry
	if err := json.Unmarshal([]byte(must(t, "objective", "list", "--json", "clustering.selavi")), &list); err != nil || len(list) < 5 {
		t.Errorf("%d entries of SeLaVi as JSON, error %v", len(list), err)
	}
	if code, _, stderr := vssl(t, "objective", "list", "contrastiv.x"); code != exitUsage || !strings.Contains(stderr, "contrastiv.x") {
		t.Errorf("unknown prefix: code %d, %s", code, stderr)
	}
}

// TestObjectiveCheck: a good case passes, one whose numbers were changed fails with the number, and so do cases of an unknown
// objective, files that are none, and files that are not there; each has a line of its own.
func TestObjectiveCheck(t *testing.T) {
	good := ownCases + "nt_xent.safetensors"
	if out := must(t, "objective", "check", good); !strings.HasPrefix(out, "ok nt_xent err=") {
		t.Errorf("got %q", out)
	}
	off := rewritten(t, good, "off", `"temperature": 0.5`, `"temperature": 0.4`)
	unknown := rewritten(t, good, "unknown", "contrastive.nt_xent", "contrastive.nt_xxxx")
	hostile := rewritten(t, good, "hostile", `"temperature": 0.5`, `"temperature": nan`)
	text := filepath.Join(t.TempDir(), "text.safetensors")
	if err := os.WriteFile(text, []byte("not a case"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, stderr := vssl(t, "objective", "check", good, off, unknown, hostile, text, "nowhere.safetensors")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != exitFailed || len(lines) != 6 {
		t.Fatalf("code %d, %d lines:\n%s", code, len(lines), out)
	}
	for i, want := range []string{"ok nt_xent err=", "FAIL off ", "FAIL unknown not implemented", "FAIL hostile ", "FAIL text ", "FAIL nowhere "} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %d is %q, want %q", i, lines[i], want)
		}
	}
	if !strings.Contains(lines[1], "got ") || !strings.Contains(lines[1], "want ") {
		t.Errorf("no numbers in %q", lines[1])
	}
	if !strings.Contains(stderr, "5 of 6") {
		t.Errorf("stderr says %q", stderr)
	}
	code, out, _ = vssl(t, "objective", "check", "--json", good, unknown)
	var results []struct {
		Case, Objective, Reason string
		OK                      bool
	}
	if err := json.Unmarshal([]byte(out), &results); err != nil || code != exitFailed {
		t.Fatalf("code %d, %v: %s", code, err, out)
	}
	if !results[0].OK || results[1].OK || results[1].Reason == "" {
		t.Errorf("got %+v", results)
	}
	if code, _, _ := vssl(t, "objective", "check"); code != exitUsage {
		t.Errorf("without a file: code %d", code)
	}
}

// rewritten copies a case with a piece of its header replaced by one of the same length.
func rewritten(t *testing.T, from, name, old, now string) string {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	// The header holds the parameters as a JSON text within JSON: quotes are escaped.
	escape := func(s string) string {
		if strings.Contains(s, `"`) {
			return strings.ReplaceAll(s, `"`, `\"`)
		}
		return s
	}
	changed := strings.Replace(string(data), escape(old), escape(now), 1)
	if changed == string(data) || len(changed) != len(data) {
		t.Fatalf("%s: %q is not there to be replaced", from, old)
	}
	to := filepath.Join(t.TempDir(), name+".safetensors")
	if err := os.WriteFile(to, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	return to
}
