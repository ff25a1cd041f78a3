// Finding words in the document: how many hits there are, and the way from one to the next.

import { html, useEffect, useMemo, useState } from '../html.js'
import { counted } from '../reading_notes.js'
import { nextHit, TextSearch } from '../text_search.js'

const TYPING_MS = 250

/** query: what is looked for now. chosen: {page, index} of the hit that is looked at, or null. */
export function useFind({ live, contents, goTo }) {
  const [typed, setTyped] = useState('')
  const [query, setQuery] = useState('')
  const [chosen, setChosen] = useState(null)
  const [, redraw] = useState(0)
  const search = useMemo(() => searchIn(live, contents, () => redraw((count) => count + 1)), [live, contents])

  useEffect(() => {
    const timer = setTimeout(() => setQuery(typed.trim()), typed.trim() ? TYPING_MS : 0)
    return () => clearTimeout(timer)
  }, [typed])
  useEffect(() => {
    setChosen(null)
    search.start(query, live.pages.numbersWith('completed'))
    return () => search.stop()
  }, [search, query])
  useEffect(() => {
    if (query) search.extend(live.pages.numbersWith('completed'))
  }, [live.pages.completed, search.busy])

  const { found } = search
  const step = (by) => {
    const next = nextHit(found, chosen, by)
    if (!next) return
    setChosen(next)
    goTo(next.page)
  }
  return { typed, setTyped, query, chosen, search, found, step, now: () => setQuery(typed.trim()) }
}

// Of a job that has ended all texts are fetched at once, and held until the search is through.
function searchIn(live, contents, changed) {
  let whole = null
  const search = new TextSearch({
    async textOf(page, signal) {
      const held = live.pages.texts.get(page)
      if (held !== undefined) return held
      whole ??= allTexts(live, contents)
      return (await whole)?.get(page) ?? contents.text(page, signal)
    },
    onChange() {
      if (!search.busy) whole = null
      changed()
    },
  })
  return search
}

async function allTexts(live, contents) {
  if (!live.ended || !live.record.outputs.txt) return null
  const { pages } = live
  const inIt = pages.numbers.filter((page) => ['completed', 'failed'].includes(pages.state(page).status))
  return contents.texts(inIt).catch(() => null)
}

export function JobFind({ find }) {
  const { typed, setTyped, query, search, found, step, now } = find
  const submit = (event) => {
    event.preventDefault()
    if (typed.trim() !== query) now()
    else step(1)
  }
  return html`
    <form class="job-find" role="search" onSubmit=${submit}>
      <label>
        <span class="visually-hidden">Find in the document</span>
        <input
          type="search" placeholder="Find in the document" autocomplete="off" value=${typed}
          onInput=${(event) => setTyped(event.target.value)}
        />
      </label>
      ${query && html`
        <span class="job-hits" role="status">${saidOf(found, search)}</span>
        <${Step} label="Previous hit" sign="↑" none=${!found.length} step=${() => step(-1)} />
        <${Step} label="Next hit" sign="↓" none=${!found.length} step=${() => step(1)} />
      `}
    </form>
  `
}

function Step({ label, sign, none, step }) {
  return html`
    <button class="button quiet" type="button" aria-label=${label} disabled=${none} onClick=${step}>${sign}</button>
  `
}

function saidOf(found, search) {
  const hits = found.reduce((sum, each) => sum + each.hits, 0)
  const where = hits ? `${counted(hits, 'hit')} on ${counted(found.length, 'page')}` : 'No hits'
  if (search.busy) return `${where}, still searching`
  return search.missed ? `${where}; ${counted(search.missed, 'page')} could not be searched` : where
}
