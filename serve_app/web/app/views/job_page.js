// One page: its image beside its text. Pointing at a line shows it in the other, choosing one brings it into view.

import { html, useEffect, useLayoutEffect, useRef, useState } from '../html.js'
import { pageParts } from '../page_parts.js'
import { ProblemNote } from '../problem_note.js'
import { confidenceText, pageStatusText, reasonTexts, sourceText } from '../reading_notes.js'
import { markHits } from '../text_hits.js'
import { useCopy } from './job_copy.js'
import { JobPicture } from './job_picture.js'
import { JobText } from './job_text.js'

const SCROLLED_PAST_MS = 120

export function JobPage({ id, page, place, places, top, observe, state, text, contents, mode, ...find }) {
  const { query, chosen, brought } = find
  const article = useRef(null)
  const read = state.status === 'completed'
  const { result, problem, again } = useResult(contents, page, read)
  const known = result ? result.text : text
  useLayoutEffect(() => observe(article.current), [])
  useLayoutEffect(() => markHits(article.current, query, chosen, brought))
  return html`
    <article
      class="job-page" id=${id} ref=${article} tabindex="-1" style=${{ top: `${top}px` }}
      data-status=${state.status} aria-labelledby=${`${id}-name`} aria-posinset=${place} aria-setsize=${places}
    >
      <header>
        <h2 id=${`${id}-name`}>Page ${page}</h2>
        ${result && html`<p class="muted">${told(result)}</p>`}
        ${!read && !state.error && html`<p class="muted">${pageStatusText(state.status)}</p>`}
        ${read && known !== undefined && html`<${CopyPage} text=${known} page=${page} />`}
      </header>
      ${read
        ? html`<${Read} ...${{ page, result, text: known, problem, again, contents, mode }} />`
        : state.error && html`<${ProblemNote} problem=${state.error} quiet />`}
    </article>
  `
}

// What was read, fetched once the page has been in view for a moment; null until then.
function useResult(contents, page, read) {
  const [state, setState] = useState({ result: null, problem: null })
  const [tries, setTries] = useState(0)
  useEffect(() => {
    if (!read) return undefined
    const leaving = new AbortController()
    const timer = setTimeout(async () => {
      try {
        const result = await contents.result(page, leaving.signal)
        if (!leaving.signal.aborted) setState({ result, problem: null })
      } catch (problem) {
        if (!leaving.signal.aborted) setState({ result: null, problem })
      }
    }, contents.knows(page) ? 0 : SCROLLED_PAST_MS)
    return () => {
      clearTimeout(timer)
      leaving.abort()
    }
  }, [contents, page, read, tries])
  return { ...state, again: () => setTries(tries + 1) }
}

function told(result) {
  return [sourceText(result), confidenceText(result.confidence)].filter(Boolean).join(' · ')
}

function Read({ page, result, text, problem, again, contents, mode }) {
  const [pointed, setPointed] = useState(null)
  const [shown, setShown] = useState(null)
  const parts = usePlaces(result)
  const show = (place) => setShown({ place })
  const active = pointed ?? shown?.place ?? null
  return html`
    ${reasonTexts(result?.reason).map((reason) => html`<p class="job-reason" key=${reason}>${reason}</p>`)}
    <div class="job-spread">
      <${JobPicture}
        page=${page} result=${result} places=${parts?.places ?? []} contents=${contents}
        active=${active} shown=${shown} point=${setPointed} show=${show}
      />
      <div class="job-words">
        ${problem && html`
          <${ProblemNote} problem=${problem} quiet>
            <button class="button" type="button" onClick=${again}>Try again</button>
          <//>
        `}
        ${(result || text !== undefined) && html`
          <${JobText}
            page=${page} result=${result} text=${text} parts=${parts} mode=${mode}
            active=${active} shown=${shown} point=${setPointed} show=${show}
          />
        `}
        ${!problem && !result && text === undefined && html`<p class="job-unread">Fetching the text…</p>`}
      </div>
    </div>
  `
}

function usePlaces(result) {
  const kept = useRef({ result: null, parts: null })
  if (kept.current.result !== result) {
    const usable = result && (result.lines.length || result.blocks.length)
    kept.current = { result, parts: usable ? pageParts(result) : null }
  }
  return kept.current.parts
}

function CopyPage({ text, page }) {
  const { said, problem, copy } = useCopy(() => text)
  return html`
    <button class="button quiet" type="button" onClick=${copy} aria-label=${said || `Copy the text of page ${page}`}>
      ${problem ? 'Could not be copied' : said || 'Copy'}
    </button>
  `
}
