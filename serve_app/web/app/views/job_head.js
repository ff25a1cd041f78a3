// The head of a document's view: its name, its state, what went wrong, and the orders that can be given.

import { html, useEffect, useRef, useState } from '../html.js'
import { ProblemNote } from '../problem_note.js'
import { counted, statusText } from '../reading_notes.js'
import { jobHash } from '../route.js'
import { sizeText } from '../sizes.js'
import { JobCopy } from './job_copy.js'
import { JobDelete } from './job_delete.js'
import { JobDownloads } from './job_downloads.js'
import { JobPassword } from './job_password.js'
import { JobProgress } from './job_progress.js'

const LOCKED = new Set(['document_encrypted', 'password_wrong'])
const MOST_LINKS = 24

export function JobHead({ api, live, contents, go, recent }) {
  const { record, pages } = live
  const orders = useOrders(api, live, contents)
  const lock = lockOf(record, pages)
  const missed = pages.failed + pages.skipped
  useTitle(live)
  return html`
    <section class="job-head" aria-labelledby="job-name">
      <p class="job-way"><a href="#/">Documents</a></p>
      <div class="job-title">
        <h1 id="job-name">${record.file_info.filename}</h1>
        <span class="job-state" data-state=${record.status}>${statusText(record.status)}</span>
      </div>
      <p class="job-facts">${facts(record, pages).join(' · ')}</p>
      ${!live.ended && html`<${JobProgress} record=${record} pages=${pages} />`}
      <${Announcement} live=${live} />
      ${record.error && html`<${ProblemNote} problem=${lock ? { code: lock } : record.error} />`}
      ${live.ended && lock && html`
        <${JobPassword} code=${lock} busy=${orders.busy} send=${orders.retry} />
      `}
      ${orders.problem && html`<${ProblemNote} problem=${orders.problem} />`}
      ${pages.failed > 0 && html`<${Missed} id=${live.id} pages=${pages} />`}
      <div class="actions job-orders">
        ${pages.completed > 0 && html`<${JobCopy} api=${api} live=${live} contents=${contents} />`}
        ${record.status !== 'failed' && html`<${JobDownloads} api=${api} live=${live} />`}
        ${live.ended && !lock && (missed > 0 || record.status === 'failed') && html`
          <button class="button" type="button" disabled=${orders.busy} onClick=${() => orders.retry()}>
            ${missed > 0 ? `Read ${counted(missed, 'missing page')} again` : 'Try again'}
          </button>
        `}
        ${!live.ended && html`
          <button class="button" type="button" disabled=${orders.busy} onClick=${orders.cancel}>Cancel</button>
        `}
        <${JobDelete} live=${live} go=${go} recent=${recent} />
      </div>
    </section>
  `
}

// The code by which the document, or a page that was to be read again, asks for a password; undefined where none does.
function lockOf(record, pages) {
  if (LOCKED.has(record.error?.code)) return record.error.code
  if (!pages.failed) return undefined
  return pages.numbersWith('failed').map((page) => pages.state(page).error?.code).find((code) => LOCKED.has(code))
}

// Cancelling and retrying: one at a time, the record that they are answered with is shown at once.
function useOrders(api, live, contents) {
  const [state, setState] = useState({ busy: false, problem: null })
  const order = async (name, body) => {
    setState({ busy: true, problem: null })
    try {
      const answer = await api.post(`${live.path}/${name}`, body)
      const again = [...live.pages.numbersWith('failed'), ...live.pages.numbersWith('skipped')]
      if (name === 'retry') contents.forget(again)
      live.learn(await answer.json())
      setState({ busy: false, problem: null })
    } catch (problem) {
      setState({ busy: false, problem })
    }
  }
  return {
    ...state,
    cancel: () => order('cancel'),
    retry: (password) => order('retry', password === undefined ? undefined : { password }),
  }
}

function facts(record, pages) {
  const all = record.file_info.total_pages
  const asked = pages.numbers.length
  const size = record.file_info.file_size
  return [
    all > 0 && (asked && asked !== all ? `${counted(asked, 'page')} of ${all}` : counted(all, 'page')),
    size > 0 && sizeText(size),
    record.options.engine && `engine ${record.options.engine}`,
    record.run > 1 && `reading ${record.run}`,
    `sent ${new Date(record.created_at).toLocaleString()}`,
  ].filter(Boolean)
}

// Which pages could not be read, with a way to each.
function Missed({ id, pages }) {
  const failed = pages.numbersWith('failed')
  return html`
    <p class="job-missed">
      Could not be read: ${failed.slice(0, MOST_LINKS).map((page, index) => html`
        ${index > 0 && ', '}<a href=${jobHash(id, page)}>page ${page}</a>
      `)}${failed.length > MOST_LINKS && ` and ${failed.length - MOST_LINKS} more`}.
    </p>
  `
}

const ANNOUNCE_MS = 8000

// For those who listen to the page: now and then how far it is, and the end at once.
function Announcement({ live }) {
  const { record, pages } = live
  const [said, setSaid] = useState('')
  const text = live.ended
    ? `${statusText(record.status)}. ${record.message}`
    : `${statusText(record.status)}. Read ${pages.ended} of ${counted(pages.numbers.length, 'page')}.`
  const now = live.ended ? text : record.status
  const newest = useRef(text)
  newest.current = text
  useEffect(() => setSaid(newest.current), [now])
  useEffect(() => {
    const timer = setInterval(() => setSaid(newest.current), ANNOUNCE_MS)
    return () => clearInterval(timer)
  }, [])
  return html`<p class="visually-hidden" role="status">${said}</p>`
}

function useTitle({ record, ended }) {
  const title = `${ended ? '' : `${record.percent} % · `}${record.file_info.filename} · gnosis-ocr`
  useEffect(() => {
    document.title = title
  }, [title])
}
