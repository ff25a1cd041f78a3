// The pages of a document, one under the other: thousands of them, of which only those in view are drawn.

import { html, useEffect, useRef, useState } from '../html.js'
import { jobHash } from '../route.js'
import { JobFind, useFind } from './job_find.js'
import { JobPage } from './job_page.js'
import { usePageRows } from './use_page_rows.js'

const ESTIMATES = { read: 900, other: 90 }
const ADDRESS_MS = 250
const SOURCE = html`Markdown<span class="more"> source</span>`

export function JobPages({ live, contents, route }) {
  const { pages } = live
  const list = useRef(null)
  const tools = useRef(null)
  const [mode, setMode] = useState('text')
  const numbers = pages.numbers
  const kindOf = (row) => (pages.state(numbers[row]).status === 'completed' ? 'read' : 'other')
  const rows = usePageRows({ list, above: tools, count: numbers.length, kindOf, estimates: ESTIMATES })
  const shown = numbers[rows.current]

  const goTo = (wanted, focus = false) => {
    const row = nearest(numbers, wanted)
    rows.goTo(row)
    if (focus) setTimeout(() => document.getElementById(articleId(numbers[row]))?.focus({ preventScroll: true }))
  }
  const find = useFind({ live, contents, goTo })

  useEffect(() => {
    if (route.page !== undefined) goTo(route.page)
  }, [route])
  useAddress(live.id, shown)
  useKeys(list, (step) => goTo(numbers[Math.max(0, Math.min(rows.current + step, numbers.length - 1))], true))

  const drawn = []
  for (let row = rows.first; row < Math.min(rows.last, numbers.length); row += 1) {
    const number = numbers[row]
    drawn.push(html`
      <${JobPage}
        key=${number} id=${articleId(number)} page=${number} place=${row + 1} places=${numbers.length}
        top=${rows.top(row)} observe=${(element) => rows.observe(element, row)}
        state=${pages.state(number)} text=${pages.texts.get(number)} contents=${contents} mode=${mode}
        query=${find.query} chosen=${find.chosen?.page === number ? find.chosen : null} brought=${rows.release}
      />
    `)
  }
  return html`
    <section class="job-reader" aria-label="Pages">
      <div class="job-tools" ref=${tools}>
        <${GoTo} numbers=${numbers} shown=${shown} goTo=${(wanted) => goTo(wanted, true)} />
        <${JobFind} find=${find} />
        <${Modes} mode=${mode} setMode=${setMode} />
      </div>
      <div
        class="job-pages" role="feed" aria-busy=${!live.ended} aria-label="Pages" ref=${list}
        style=${{ height: `${rows.total}px` }}
      >
        ${drawn}
      </div>
    </section>
  `
}

function articleId(page) {
  return `page-${page}`
}

// The row of the page, or of the next one that there is.
function nearest(numbers, page) {
  const row = numbers.findIndex((number) => number >= page)
  return row < 0 ? numbers.length - 1 : row
}

// The address names the page in view, so that it can be kept and passed on; it makes no history.
function useAddress(id, shown) {
  const before = useRef(shown)
  useEffect(() => {
    if (before.current === shown) return undefined
    before.current = shown
    const timer = setTimeout(() => {
      if (location.hash.startsWith(jobHash(id))) history.replaceState(history.state, '', jobHash(id, shown))
    }, ADDRESS_MS)
    return () => clearTimeout(timer)
  }, [shown])
}

// Left and right lead from page to page; within the pages so do PageUp and PageDown, as in any feed.
function useKeys(list, step) {
  const newest = useRef(step)
  newest.current = step
  useEffect(() => {
    const pressed = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.defaultPrevented) return
      if (event.target.closest?.('input, textarea, select, dialog, .job-frame, .job-table')) return
      const inside = list.current?.contains(event.target)
      const steps = { ArrowLeft: -1, ArrowRight: 1, ...(inside && { PageUp: -1, PageDown: 1 }) }
      if (!(event.key in steps)) return
      event.preventDefault()
      newest.current(steps[event.key])
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [])
}

function GoTo({ numbers, shown, goTo }) {
  const [typed, setTyped] = useState(null)
  const submit = (event) => {
    event.preventDefault()
    const page = Number.parseInt(typed ?? '', 10)
    if (page > 0) goTo(page)
    setTyped(null)
  }
  return html`
    <form class="job-goto" onSubmit=${submit}>
      <button class="button quiet" type="button" aria-label="Previous page" disabled=${shown === numbers[0]}
        onClick=${() => goTo(numbers[numbers.indexOf(shown) - 1])}>‹</button>
      <label>
        <span>Page</span>
        <input
          aria-label="Page" inputmode="numeric" autocomplete="off" size="4" value=${typed ?? shown ?? ''}
          onInput=${(event) => setTyped(event.target.value)} onFocus=${(event) => event.target.select()}
          onBlur=${() => setTyped(null)}
        />
        <span>of ${numbers.at(-1).toLocaleString('en')}</span>
      </label>
      <button class="button quiet" type="button" aria-label="Next page" disabled=${shown === numbers.at(-1)}
        onClick=${() => goTo(numbers[numbers.indexOf(shown) + 1])}>›</button>
    </form>
  `
}

function Modes({ mode, setMode }) {
  return html`
    <fieldset class="job-modes">
      <legend class="visually-hidden">Show pages as</legend>
      ${[['text', 'Text'], ['markdown', SOURCE]].map(([name, label]) => html`
        <label key=${name}>
          <input type="radio" name="job-mode" value=${name} checked=${mode === name} onChange=${() => setMode(name)} />
          <span>${label}</span>
        </label>
      `)}
    </fieldset>
  `
}
