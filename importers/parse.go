package importers

import (
	"bytes"
	"strings"
)

// parse reads a file as what it is: JSON when it begins with { or [, a page when it begins with
// a header between two lines ---, and YAML otherwise. data is valid UTF-8 of at most MaxBytes.
func parse(data []byte) (*document, *mistake) {
	start := len(data) - len(bytes.TrimLeft(data, " \t\r\n"))
	if bytes.HasPrefix(data[start:], []byte("{{")) || bytes.HasPrefix(data[start:], []byte("{%")) {
		return nil, at(data, start).saying("This is a template, in which somebody or some program still fills in values. Import what comes out of it.")
	}
	if begin := data[start]; begin == '{' || begin == '[' {
		return parseJSON(data)
	}
	if headerEnd, bodyStart, ok := splitPage(data); ok {
		return parsePageOrStream(data, headerEnd, bodyStart)
	}
	doc, bad := parseYAML(data)
	structured := bad == nil && (doc.root.kind == object || doc.root.kind == array)
	if structured && !bytes.HasPrefix(data, []byte("#!")) {
		return doc, nil
	}
	if other := notStructured(data[start:]); other != "" {
		return nil, at(data, start).saying(other)
	}
	return doc, bad
}

// parsePageOrStream tells a page from a YAML stream that begins with ---. The header of a page
// says what the agent is called or for; the documents of a stream are objects, all of them.
func parsePageOrStream(data []byte, headerEnd, bodyStart int) (*document, *mistake) {
	page, bad := parsePage(data, headerEnd, bodyStart)
	if bad == nil && (page.root.has("name", text) || page.root.has("description", text)) && !page.root.has("apiVersion") && !page.root.has("kind") {
		return page, nil
	}
	if stream, notYAML := parseYAML(data); notYAML == nil {
		for _, root := range stream.docs {
			if root.kind != object {
				return page, bad
			}
		}
		return stream, nil
	}
	return page, bad
}

// notStructured names files that hold no fields by how they begin; "" for what does not give
// itself away.
func notStructured(data []byte) string {
	start := strings.ToLower(string(data[:min(len(data), 16)]))
	const fields = "What can be read is JSON, YAML, or Markdown with a header between two lines ---."
	switch {
	case strings.HasPrefix(start, "<"):
		return "This is a web page or XML. Perhaps a sign-in page was saved in place of the file: fetch it again. " + fields
	case strings.HasPrefix(start, "#!"):
		return "This is a program and describes nothing. " + fields
	case strings.HasPrefix(start, "```"), strings.HasPrefix(start, "~~~"):
		return "The description stands inside a Markdown page, between two lines ```. Save only what stands between them and import that."
	case strings.HasPrefix(start, "# "), strings.HasPrefix(start, "## "):
		return "This is a Markdown page without a header, so it has no field that says what it describes. " + fields
	case strings.HasPrefix(start, "//"), strings.HasPrefix(start, "/*"):
		return "The file begins with a comment, which JSON does not allow. Remove it and import the file again."
	case strings.HasPrefix(start, "%pdf"), strings.HasPrefix(start, "pk\x03"):
		return "This is no text file. " + fields
	}
	return ""
}
