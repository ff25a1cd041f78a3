// The text of a page: its blocks with lines that know their place, or the engine's Markdown, or the text as it is.
//
// All of it goes into the page as text, never as HTML: documents are strangers' files. By keyboard, the text is one
// stop, in which the arrows lead from line to line.

import { html, useRef } from '../html.js'
import { intoView } from '../into_view.js'
import { MarkdownText } from './markdown_text.js'

const RUNNING = new Set(['page_header', 'page_footer'])

export function JobText({ page, result, text, parts, mode, active, shown, point, show }) {
  const root = useRef(null)
  const plain = result ? result.text : text
  if (mode === 'markdown') return html`<pre class="job-source" data-part>${result?.markdown ?? plain}</pre>`
  if (!parts && result?.markdown) return html`<${MarkdownText} source=${result.markdown} />`
  if (!parts && !plain) return html`<p class="job-unread">There is no text on this page.</p>`
  if (!parts) return html`<div class="job-plain" data-part>${plain}</div>`

  const choose = (event) => {
    const place = placeOf(event)
    if (place !== null && getSelection().isCollapsed) show(place)
  }
  const keys = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!step) return
    event.preventDefault()
    const places = [...root.current.querySelectorAll('[data-place]')].map((line) => Number(line.dataset.place))
    const next = places[places.indexOf(shown?.place) + step] ?? places[step > 0 ? 0 : places.length - 1]
    if (next === undefined) return
    show(next)
    intoView(root.current.querySelector(`[data-place='${next}']`))
  }
  return html`
    <div
      class="job-blocks" ref=${root} tabindex="0" role="group"
      aria-label=${`Text of page ${page}; the arrow keys show its lines in the image`}
      onPointerOver=${(event) => point(placeOf(event))} onPointerLeave=${() => point(null)}
      onClick=${choose} onKeyDown=${keys}
    >
      ${parts.parts.map((part, index) => html`<${Part} key=${index} part=${part} active=${active} />`)}
    </div>
  `
}

function placeOf(event) {
  const place = event.target.closest('[data-place]')?.dataset.place
  return place === undefined ? null : Number(place)
}

function Part({ part, active }) {
  if (part.rows) return html`<${Table} rows=${part.rows} active=${active} />`
  const pieces = part.pieces.map((piece, index) => html`<${Piece} key=${index} piece=${piece} active=${active} />`)
  if (!pieces.length) return null
  if (part.kind === 'title') return html`<h3 class="job-heading" data-level="1" data-part>${pieces}</h3>`
  if (part.kind === 'heading') {
    return html`<h3 class="job-heading" data-level=${Math.max(1, part.level)} data-part>${pieces}</h3>`
  }
  if (part.kind === 'list_item') {
    return html`<p class="job-item" data-level=${Math.min(4, Math.max(1, part.level))} data-part>${pieces}</p>`
  }
  if (part.kind === 'line') return html`<p class="job-line" data-part>${pieces}</p>`
  return html`<p class=${RUNNING.has(part.kind) ? 'job-running' : `job-${part.kind}`} data-part>${pieces}</p>`
}

function Piece({ piece, active }) {
  if (piece.place === null) return piece.text
  return html`<span data-place=${piece.place} class=${piece.place === active ? 'active' : ''}>${piece.text}</span>`
}

function Table({ rows, active }) {
  return html`
    <div class="job-table" tabindex="0" role="group" aria-label="Table">
      <table>
        <tbody>
          ${rows.map((cells, row) => html`
            <tr key=${row}>
              ${cells.map((cell) => html`
                <td key=${cell.column} rowspan=${cell.rowSpan} colspan=${cell.columnSpan} data-part>
                  <${Piece} piece=${cell} active=${active} />
                </td>
              `)}
            </tr>
          `)}
        </tbody>
      </table>
    </div>
  `
}
