package mapping

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

// YAML writes the mapping as people write it and as Parse reads it: a field to a line, in the order of the kind.
func (m Mapping) YAML(kind Target) ([]byte, error) {
	asJSON, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("write a mapping: %w", err)
	}
	var tree yaml.Node // JSON is YAML, so the one form gives the other and the shape is told once
	if err := yaml.Unmarshal(asJSON, &tree); err != nil {
		return nil, fmt.Errorf("write a mapping: %w", err)
	}
	root := tree.Content[0]
	root.Style = 0
	for i := 0; i < len(root.Content); i += 2 {
		plainScalars(root.Content[i], root.Content[i+1])
		if root.Content[i].Value == "columns" {
			root.Content[i+1].Style = 0
			root.Content[i+1].Content = inOrder(root.Content[i+1].Content, kind)
		}
	}
	var text bytes.Buffer
	w := yaml.NewEncoder(&text)
	w.SetIndent(2)
	if err := w.Encode(root); err != nil {
		return nil, fmt.Errorf("write a mapping: %w", err)
	}
	return text.Bytes(), nil
}

// plainScalars takes the quotation marks of JSON away; what would not be a text without them keeps them.
func plainScalars(nodes ...*yaml.Node) {
	for _, n := range nodes {
		if n.Kind == yaml.ScalarNode {
			n.Style = 0
		}
		plainScalars(n.Content...)
	}
}

// inOrder sorts the pairs of keys and values as the kind has its fields; what it does not have comes last.
func inOrder(content []*yaml.Node, kind Target) []*yaml.Node {
	pairs := slices.Collect(slices.Chunk(content, 2))
	place := func(pair []*yaml.Node) int {
		i := slices.IndexFunc(kind.Fields, func(f Field) bool { return f.Name == pair[0].Value })
		if i < 0 {
			return len(kind.Fields)
		}
		return i
	}
	slices.SortStableFunc(pairs, func(a, b []*yaml.Node) int { return place(a) - place(b) })
	return slices.Concat(pairs...)
}
