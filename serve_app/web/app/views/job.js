// One document, live: how far it is, what can be done about it, and its pages as they are read.

import { html, useEffect, useMemo, useState } from '../html.js'
import { LiveJob } from '../live_job.js'
import { PageContents } from '../page_contents.js'
import { ProblemNote } from '../problem_note.js'
import { stylesheet } from '../stylesheet.js'
import { useChanges } from '../use_changes.js'
import { JobHead } from './job_head.js'
import { JobPages } from './job_pages.js'

await stylesheet(new URL('../../job.css', import.meta.url))

export default function View({ api, route, go, recent, keys }) {
  return html`<${Job} key=${route.id} ...${{ api, id: route.id, route, go, recent, keys }} />`
}

function Job({ api, id, route, go, recent, keys }) {
  const live = useLiveJob(api, id)
  useNewKey(live, keys)
  const contents = useMemo(() => new PageContents(api, live.path), [live])
  useEffect(() => () => contents.clear(), [contents])

  if (live.connection === 'gone') return html`<${Away} problem=${live.problem} />`
  if (live.connection === 'refused') {
    return html`<${Away} problem=${live.problem} again=${() => live.start()} keys=${keys} />`
  }
  if (live.record === null) return html`<p class="job-opening" role="status">Opening the document…</p>`
  return html`
    <div class="job">
      <${JobHead} api=${api} live=${live} contents=${contents} go=${go} recent=${recent} />
      ${live.pages.numbers.length > 0 && html`<${JobPages} live=${live} contents=${contents} route=${route} />`}
    </div>
  `
}

function Away({ problem, again, keys }) {
  const locked = problem.status === 401
  return html`
    <section class="narrow">
      <h1>Document</h1>
      <${ProblemNote} problem=${problem}>
        ${locked && html`<button class="button" type="button" onClick=${() => keys.open()}>Enter a key</button>`}
        ${again && !locked && html`<button class="button" type="button" onClick=${again}>Try again</button>`}
        <a class="button" href="#/">All documents</a>
      <//>
    </section>
  `
}

// A job that was refused for want of a key is asked for again once there is another one.
function useNewKey(live, keys) {
  useChanges(keys)
  useEffect(() => {
    if (live.connection === 'refused' && live.problem.status === 401) live.start()
  }, [live, keys.current])
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
