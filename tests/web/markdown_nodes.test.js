// Markdown of an engine becomes nodes, and never HTML.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { markdownNodes } from '../../serve_app/web/app/markdown_nodes.js'
import { lexer } from '../../serve_app/web/vendor/marked.esm.js'

const h = (tag, properties, ...children) => ({ tag, children: children.flat(Infinity).filter((child) => child !== '') })
const inside = ({ children }) => children.map(shown).join('')
const shown = (node) => (typeof node === 'string' ? node : `<${node.tag}>${inside(node)}</${node.tag}>`)
const nodes = (source) => markdownNodes(lexer(source), h).map(shown).join('')

test('headings, paragraphs, lists, emphasis', () => {
  assert.equal(nodes('# One\n\nTwo **b** and *s*.\n'), '<h3>One</h3><p>Two <strong>b</strong> and <em>s</em>.</p>')
  const below = '<ol><li><span>c</span></li></ol>'
  const expected = `<ul><li><span>a</span></li><li><span>b</span>${below}</li></ul>`
  assert.equal(nodes('- a\n- b\n  1. c\n'), expected)
})

test('tables', () => {
  assert.equal(
    nodes('| A | B |\n|---|---|\n| 1 | `2` |\n'),
    '<div><table><thead><tr><th>A</th><th>B</th></tr></thead>' +
      '<tbody><tr><td>1</td><td><code>2</code></td></tr></tbody></table></div>',
  )
})

test('HTML stays text, wherever it stands', () => {
  for (const html of ['<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '<b>x</b>', '<!-- c -->']) {
    const tags = markdownNodes(lexer(`${html}\n\nbefore ${html} after\n`), h)
    const made = JSON.stringify(tags)
    assert.ok(!/"tag":"(script|img|b|a|iframe)"/.test(made), made)
    assert.ok(tags.map(shown).join('').includes(html), html)
  }
})

test('links and pictures lead nowhere', () => {
  assert.equal(nodes('[text](javascript:alert(1)) ![scan](http://x/y.png)'), '<p><span>text</span> [scan]</p>')
})

test('signs that Markdown writes otherwise', () => {
  assert.equal(nodes('AT&amp;T \\* 1 &lt; 2 & 3'), '<p>AT&T * 1 < 2 & 3</p>')
})
