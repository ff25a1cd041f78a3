// The recent documents: how far each is, opened by a click, cancelled, deleted.

import { html, useEffect, useRef, useState } from '../html.js'
import { stateOf, unfinished } from '../job_summary.js'
import { ProblemNote } from '../problem_note.js'
import { inOneLine } from '../problem_texts.js'
import { jobHash } from '../route.js'
import { agoText } from '../sizes.js'
import { useChanges } from '../use_changes.js'

const MINUTE_MS = 60000

export function RecentList({ recent, keys }) {
  useChanges(recent)
  const now = useNow()
  const [problem, setProblem] = useState(null)
  const title = useRef(null)
  const { jobs, loaded } = recent

  async function remove(jobId) {
    title.current.focus({ preventScroll: true }) // the row and its button go
    await order(() => recent.delete(jobId))
  }

  async function order(act) {
    setProblem(null)
    try {
      await act()
    } catch (refused) {
      setProblem(refused)
    }
  }

  return html`
    <section aria-labelledby="recent-title">
      <h2 id="recent-title" tabindex="-1" ref=${title}>Recent documents</h2>
      ${problem && html`<${ProblemNote} problem=${problem} />`}
      ${!loaded && recent.problem && html`
        <${ProblemNote} problem=${recent.problem} quiet>
          ${recent.problem.status === 401 && html`
            <button class="button" type="button" onClick=${() => keys.open()}>Enter a key</button>
          `}
        <//>
      `}
      ${jobs.length === 0 && loaded && html`<p class="muted">None yet. What you hand in stands here from then on.</p>`}
      ${jobs.length === 0 && !loaded && !recent.problem && html`<p class="muted">Loading …</p>`}
      <ul class="rows">
        ${jobs.map((job) => html`
          <${JobRow} key=${job.job_id} job=${job} now=${now} recent=${recent} order=${order} remove=${remove} />
        `)}
      </ul>
      ${recent.hasMore && html`
        <button class="button" type="button" onClick=${() => order(() => recent.more())}>Show older ones</button>
      `}
    </section>
  `
}

function useNow() {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE_MS)
    return () => clearInterval(timer)
  }, [])
  return now
}

function JobRow({ job, now, recent, order, remove }) {
  const deleting = recent.deleting.has(job.job_id)
  const running = unfinished(job) && !deleting
  return html`
    <li class="row" data-status=${job.status}>
      <div class="row-head">
        <a class="row-name" href=${jobHash(job.job_id)} title=${job.filename}>${job.filename}</a>
        <span class="state" data-status=${job.status}>${deleting ? 'Being deleted …' : stateOf(job)}</span>
        <span class="row-actions">
          <time class="muted" datetime=${job.created_at} title=${new Date(job.created_at).toLocaleString()}>
            ${agoText(job.created_at, now)}
          </time>
          ${running && html`
            <button class="button small" type="button" aria-label="Cancel ${job.filename}"
              onClick=${() => order(() => recent.cancel(job.job_id))}>Cancel</button>
          `}
          ${!deleting && html`<${DeleteButton} name=${job.filename} onDelete=${() => remove(job.job_id)} />`}
        </span>
      </div>
      ${running && html`<progress max="100" value=${job.percent} aria-label="${job.filename}: done"></progress>`}
      ${job.error && html`<p class="muted">${inOneLine(job.error)}</p>`}
    </li>
  `
}

/** Asks once more before it deletes. */
function DeleteButton({ name, onDelete }) {
  const [asking, setAsking] = useState(false)
  const sure = useRef(null)
  const first = useRef(null)
  const asked = useRef(false)
  useEffect(() => {
    if (asking) sure.current.focus()
    else if (asked.current) first.current?.focus()
    asked.current = asking
  }, [asking])
  const escape = (event) => event.key === 'Escape' && setAsking(false)

  if (!asking) {
    return html`
      <button class="button small quiet" type="button" ref=${first} aria-label="Delete ${name}"
        onClick=${() => setAsking(true)}>Delete</button>
    `
  }
  return html`
    <span class="asking" role="group" aria-label="Delete ${name} for good?" onKeyDown=${escape}>
      <button class="button small danger" type="button" ref=${sure} aria-label="Delete for good: ${name}"
        onClick=${onDelete}>Delete for good</button>
      <button class="button small" type="button" aria-label="Keep ${name}" onClick=${() => setAsking(false)}>
        Keep
      </button>
    </span>
  `
}
