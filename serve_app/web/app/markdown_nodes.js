// Tokens of Markdown, as marked's lexer gives them, made into nodes. HTML in it stays text; links lead nowhere, for a
// document's addresses are not ours to offer, and pictures are their descriptions.

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: '\u00a0' }

const PART = { 'data-part': true } // what is searched in one go

/** h: makes a node of a tag, properties and children, as Preact's does. */
export function markdownNodes(tokens, h) {
  return new Nodes(h).blocks(tokens)
}

class Nodes {
  constructor(h) {
    this.h = h
  }

  blocks(tokens) {
    return tokens.filter(({ type }) => type !== 'space' && type !== 'def').map((token) => this.block(token))
  }

  block(token) {
    const { h } = this
    switch (token.type) {
      case 'heading':
        return h('h3', { ...PART, class: 'job-heading', 'data-level': token.depth }, this.inline(token.tokens))
      case 'paragraph':
        return h('p', PART, this.inline(token.tokens))
      case 'text':
        return h('span', PART, token.tokens ? this.inline(token.tokens) : plain(token.text))
      case 'list':
        return this.list(token)
      case 'table':
        return this.table(token)
      case 'blockquote':
        return h('blockquote', null, this.blocks(token.tokens))
      case 'code':
        return h('pre', PART, token.text)
      case 'hr':
        return h('hr')
      default:
        return h('p', { ...PART, class: 'job-plain' }, token.raw)
    }
  }

  list({ ordered, start, items }) {
    const { h } = this
    const lines = items.map((item) => h('li', null, box(item), this.blocks(item.tokens)))
    return ordered ? h('ol', { start: start || 1 }, lines) : h('ul', null, lines)
  }

  table({ header, rows }) {
    const { h } = this
    const cells = (tag, row) => h('tr', null, row.map((cell) => h(tag, PART, this.inline(cell.tokens))))
    const head = h('thead', null, cells('th', header))
    const body = h('tbody', null, rows.map((row) => cells('td', row)))
    const frame = { class: 'job-table', tabindex: 0, role: 'group', 'aria-label': 'Table' }
    return h('div', frame, h('table', null, head, body))
  }

  inline(tokens) {
    return (tokens ?? []).map((token) => this.span(token))
  }

  span(token) {
    const { h } = this
    switch (token.type) {
      case 'strong':
        return h('strong', null, this.inline(token.tokens))
      case 'em':
        return h('em', null, this.inline(token.tokens))
      case 'del':
        return h('s', null, this.inline(token.tokens))
      case 'codespan':
        return h('code', null, token.text)
      case 'br':
        return h('br')
      case 'link':
        return h('span', { class: 'job-link' }, this.inline(token.tokens))
      case 'image':
        return token.text ? `[${token.text}]` : ''
      case 'checkbox':
        return ''
      case 'text':
        return token.tokens ? this.inline(token.tokens) : plain(token.text)
      case 'escape':
        return plain(token.text)
      default:
        return token.raw
    }
  }
}

function box({ task, checked }) {
  if (!task) return ''
  return checked ? '☑ ' : '☐ '
}

function plain(text) {
  return text.replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (_, name) => ENTITIES[name])
}
