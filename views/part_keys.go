package views

// keysOf is what keys.js does.
var keysOf = []struct {
	keys []string
	does string
}{
	{[]string{"j"}, "The next row of the list"},
	{[]string{"k"}, "The row before"},
	{[]string{"o", "Enter"}, "Open the row"},
	{[]string{"c"}, "Write a comment, on a version"},
	{[]string{"s"}, "Go to your decision, on a version"},
	{[]string{"?"}, "Show this"},
	{[]string{"Esc"}, "Close this"},
}
