// How the cluster is: engines and replicas, what waits, how fast pages are read, failures, memory; asked for every two
// seconds while somebody looks. The lines tell of what was seen since the view was opened.

import { batchFill, count, figuresOf, megabytes, percent, replicas, span } from '../cluster_figures.js'
import { html, useEffect, useRef, useState } from '../html.js'
import { inOneLine } from '../problem_texts.js'
import { extent, linePath, Samples, series } from '../samples.js'
import { stylesheet } from '../stylesheet.js'

await stylesheet(new URL('../../cluster.css', import.meta.url))

const EVERY_S = 2
const KEPT = 150
const LEAST_ACROSS = 15 // moments: a line of two or three does not fill its box
const LINE = { width: 120, height: 28 }

export default function Cluster({ api }) {
  const { info, summary, samples, problem } = useFigures(api)
  return html`
    <section class="cluster" aria-labelledby="cluster-title" aria-busy=${summary === null}>
      <div class="cluster-head">
        <h1 id="cluster-title">Cluster</h1>
        ${info && html`<p class="muted">gnosis-ocr ${info.version}</p>`}
        ${info?.dashboard && html`
          <a href=${info.dashboard} target="_blank" rel="noreferrer noopener">Ray dashboard</a>
        `}
      </div>
      <div role="status">${troubles(summary, problem).map((line) => html`<p class="note">${line}</p>`)}</div>
      ${summary === null && !problem && html`<p>Asking the cluster…</p>`}
      ${summary && html`
        <${Tiles} summary=${summary} samples=${samples} />
        <${Engines} engines=${info?.engines ?? []} pools=${summary.pools} />
        <${Ended} done=${summary.done} />
        <${Memory} kinds=${summary.memory} />
      `}
    </section>
  `
}

// Asks while the view is open and its tab is seen; one question at a time.
function useFigures(api) {
  const [state, setState] = useState({ info: null, summary: null, samples: [], problem: null })
  const history = useRef(new Samples(KEPT))
  useEffect(() => {
    const leaving = new AbortController()
    let timer = 0
    let asking = false
    async function ask() {
      clearTimeout(timer)
      if (asking) return
      asking = true
      try {
        const once = { signal: leaving.signal, attempts: 1 }
        const [info, summary] = await Promise.all([api.json('/api/info', once), api.json('/api/metrics/summary', once)])
        if (leaving.signal.aborted) return
        setState({ info, summary, samples: history.current.add(figuresOf(summary)), problem: null })
      } catch (problem) {
        if (leaving.signal.aborted) return
        setState((before) => ({ ...before, problem }))
      }
      asking = false
      if (!document.hidden) timer = setTimeout(ask, EVERY_S * 1000)
    }
    const seen = () => document.hidden || ask()
    document.addEventListener('visibilitychange', seen)
    ask()
    return () => {
      leaving.abort()
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', seen)
    }
  }, [api])
  return state
}

function troubles(summary, problem) {
  const lines = (summary?.missing ?? []).map((line) => `Not in these figures: ${line}.`)
  if (problem && problem.code !== 'no_answer') lines.push(inOneLine(problem)) // of that the frame tells
  return lines
}

function Tiles({ summary, samples }) {
  const { queue, done, pools } = summary
  const live = `${count(queue.jobs_live)} ${queue.jobs_live === 1 ? 'job' : 'jobs'} at work`
  const jobs = `${live}, ${count(queue.jobs_waiting)} to come`
  const total = summary.memory.reduce((sum, kind) => sum + kind.memory_mb, 0)
  const tiles = [
    ['Pages a minute', count(done.pages_a_minute), `${count(done.pages_completed)} read in all`, 'pagesAMinute', count],
    ['Pages waiting', count(queue.pages_waiting), jobs, 'pagesWaiting', count],
    ['Pages in flight', count(queue.pages_in_flight), 'being drawn or read', 'pagesInFlight', count],
    ['Batch fill', percent(batchFill(pools)), 'of the room in batches', 'batchFill', percent, 1],
    ['Pages failed', count(done.pages_failed), 'since the hosts started', 'pagesFailed', count],
    ['Memory', megabytes(total), 'of all that answer', 'memoryMb', megabytes],
  ]
  return html`
    <ul class="tiles" aria-label="Now">
      ${tiles.map(([name, value, note, figure, say, top]) => html`
        <${Tile} key=${name} name=${name} value=${value} note=${note} top=${top} say=${say}
          values=${series(samples, figure)} />
      `)}
    </ul>
  `
}

function Tile({ name, value, note, values, top, say }) {
  return html`
    <li class="tile">
      <h2>${name}</h2>
      <p class="tile-value">${value}</p>
      <p class="muted">${note}</p>
      <${Line} values=${values} top=${top} say=${say} />
    </li>
  `
}

function Line({ values, top, say }) {
  const seen = extent(values)
  const range = seen && `From ${say(seen.least)} to ${say(seen.most)} in ${span(values.length, EVERY_S)}`
  const told = seen ? `${range}, now ${say(seen.last)}` : 'No figures yet'
  const box = `-1 -2 ${LINE.width + 2} ${LINE.height + 4}`
  const path = linePath(values, { ...LINE, most: Math.max(LEAST_ACROSS, values.length), top })
  return html`
    <svg viewBox=${box} preserveAspectRatio="none" role="img" aria-label=${told}>
      <path d=${path} fill="none" vector-effect="non-scaling-stroke" />
    </svg>
  `
}

function Engines({ engines, pools }) {
  const rows = engines.map((engine) => ({ engine, pool: pools.find((pool) => pool.engine === engine.name) }))
  return html`
    <${Table} title="Engines" heads=${['Engine', 'Replicas', 'Pages waiting', 'Pages read', 'Batches', 'Batch fill']}>
      ${rows.map(({ engine, pool }) => html`
        <tr key=${engine.name}>
          <th scope="row">
            ${engine.name}${engine.default && html` <span class="tag">default</span>`}
            ${engine.version && html`<small>${engine.version}</small>`}
          </th>
          <td>${replicas(engine.replicas)}</td>
          <td>${count(pool?.pages_waiting)}</td>
          <td>${count(pool?.pages)}</td>
          <td>${count(pool?.batches)}</td>
          <td>${percent(pool?.batch_fill)}</td>
        </tr>
      `)}
    <//>
  `
}

function Ended({ done }) {
  const ends = [
    ['completed', done.jobs_completed],
    ['partly read', done.jobs_partial],
    ['failed', done.jobs_failed],
    ['cancelled', done.jobs_cancelled],
  ]
  return html`
    <h2>Jobs that ended</h2>
    <dl class="ended" aria-label="Jobs that ended">
      ${ends.map(([name, number]) => html`<div key=${name}><dt>${name}</dt><dd>${count(number)}</dd></div>`)}
    </dl>
    <p class="muted">Counts of jobs and pages begin anew when a host does.</p>
  `
}

function Memory({ kinds }) {
  const most = Math.max(1, ...kinds.map((kind) => kind.memory_mb))
  return html`
    <${Table} title="Memory" heads=${['Kind of process', 'Processes', 'Memory', 'Compared']}>
      ${kinds.map((kind) => html`
        <tr key=${kind.kind}>
          <th scope="row">${kind.kind}</th>
          <td>${count(kind.processes)}</td>
          <td>${megabytes(kind.memory_mb)}</td>
          <td>
            <meter min="0" max=${most} value=${kind.memory_mb} aria-label=${`${kind.kind}, beside the others`}></meter>
          </td>
        </tr>
      `)}
    <//>
  `
}

// It scrolls by itself where the window is narrow, by keyboard too.
function Table({ title, heads, children }) {
  const id = `table-${title.toLowerCase()}`
  return html`
    <h2 id=${id}>${title}</h2>
    <div class="table-frame" role="region" aria-labelledby=${id} tabindex="0">
      <table aria-labelledby=${id}>
        <thead><tr>${heads.map((head) => html`<th key=${head} scope="col">${head}</th>`)}</tr></thead>
        <tbody>${children}</tbody>
      </table>
    </div>
  `
}
