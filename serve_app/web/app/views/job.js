// One document, live: how far it is, what can be done about it, and its pages as they are read.

import { html, useEffect, useMemo, useState } from '../html.js'
import { LiveJob } from '../live_job.js'
import { PageContents } from '../page_contents.js'
import { ProblemNote } from '../problem_note.js'
import { stylesheet } from '../stylesheet.js'
import { JobHead } from './job_head.js'
import { JobPages } from './job_pages.js'

await stylesheet(new URL('../../job.css', import.meta.url))

export default function View({ api, route, go, recent }) {
  return html`<${Job} key=${route.id} api=${api} id=${route.id} route=${route} go=${go} recent=${recent} />`
}

function Job({ api, id, route, go, recent }) {
  const live = useLiveJob(api, id)
  const contents = useMemo(() => new PageContents(api, live.path), [live])
  useEffect(() => () => contents.clear(), [contents])

  if (live.connection === 'gone') return html`<${Away} problem=${live.problem} />`
  if (live.connection === 'refused') {
    return html`<${Away} problem=${live.problem} again=${() => live.start()} />`
  }
  if (live.record === null) return html`<p class="job-opening" role="status">Opening the document…</p>`
  return html`
    <div class="job">
      <${JobHead} api=${api} live=${live} contents=${contents} go=${go} recent=${recent} />
      ${live.pages.numbers.length > 0 && html`<${JobPages} live=${live} contents=${contents} route=${route} />`}
    </div>
  `
}

function Away({ problem, again }) {
  return html`
    <section class="narrow">
      <h1>Document</h1>
      <${ProblemNote} problem=${problem}>
        ${again && html`<button class="button" type="button" onClick=${again}>Try again</button>`}
        <a class="button" href="#/">All documents</a>
      <//>
    </section>
  `
}

// Follows the job for as long as the view is shown, and draws it anew when something changes.
function useLiveJob(api, id) {
  const live = useMemo(() => new LiveJob({ api, id }), [api, id])
  const [, redraw] = useState(0)
  useEffect(() => {
    const unsubscribe = live.subscribe(() => redraw((count) => count + 1))
    const seen = () => live.see(!document.hidden)
    seen()
    live.start()
    document.addEventListener('visibilitychange', seen)
    return () => {
      document.removeEventListener('visibilitychange', seen)
      unsubscribe()
      live.stop()
    }
  }, [live])
  return live
}
