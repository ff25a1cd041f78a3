// Markdown as an engine wrote it, shown as headings, lists, tables and paragraphs.
//
// marked takes it apart; nodes are built from its tokens here, so no text of a document is ever taken for HTML. Until
// marked is loaded, and wherever it fails, the source is shown as it is.

import { h } from 'preact'
import { html, useEffect, useState } from '../html.js'
import { markdownNodes } from '../markdown_nodes.js'

let lexer = null

export function MarkdownText({ source }) {
  const [, redraw] = useState(false)
  useEffect(() => {
    if (lexer) return
    import('../../vendor/marked.esm.js').then((marked) => {
      lexer = (text) => marked.lexer(text, { gfm: true })
      redraw(true)
    }, () => {})
  }, [])
  const nodes = lexer && parsed(source)
  return nodes
    ? html`<div class="job-markdown">${nodes}</div>`
    : html`<div class="job-plain" data-part>${source}</div>`
}

function parsed(source) {
  try {
    return markdownNodes(lexer(source), h)
  } catch {
    return null
  }
}
