// The page: a frame with navigation, and in it the view that the address names, loaded when it is first shown.

import { Api } from './api.js'
import { ConnectionNote } from './connection_note.js'
import { documentsIn } from './dropped_files.js'
import { Component, html, render, useEffect, useLayoutEffect, useRef, useState } from './html.js'
import { KeyButton, KeyPrompt } from './key_prompt.js'
import { KeyRing } from './key.js'
import { ProblemNote } from './problem_note.js'
import { RecentJobs } from './recent_jobs.js'
import { parseRoute } from './route.js'
import { storage } from './storage.js'
import { Uploads } from './uploads.js'

const VIEWS = {
  home: () => import('./views/home.js'),
  job: () => import('./views/job.js'),
  cluster: () => import('./views/cluster.js'),
  unknown: async () => ({ default: Unknown }),
}
const TITLES = { home: 'gnosis-ocr', job: 'Document · gnosis-ocr', cluster: 'Cluster · gnosis-ocr' }

const shelves = { session: storage('session'), lasting: storage('local') }
const keys = new KeyRing(shelves)
const api = new Api({ base: document.baseURI, keys })
const recent = new RecentJobs({ api, keys, ...shelves })
const uploads = new Uploads({ api, onAccepted: (record) => recent.add(record) })

function go(hash) {
  location.hash = hash
}

function Unknown() {
  return html`
    <section class="narrow">
      <h1>There is nothing here</h1>
      <p>This address leads nowhere. <a href="#/">Go to your documents</a>.</p>
    </section>
  `
}

function useRoute() {
  const [route, setRoute] = useState(() => parseRoute(location.hash))
  useLayoutEffect(() => { // at once, for it may change before the page is painted
    const changed = () => setRoute(parseRoute(location.hash))
    addEventListener('hashchange', changed)
    return () => removeEventListener('hashchange', changed)
  }, [])
  return route
}

/** What is to be shown for the route: the last view stays until the next one has been loaded. */
function useView(route) {
  const [shown, setShown] = useState(null)
  useEffect(() => {
    let wanted = true
    VIEWS[route.name]().then(
      (module) => wanted && setShown({ route, View: module.default }),
      () => wanted && setShown({ route, View: NotLoaded }),
    )
    return () => {
      wanted = false
    }
  }, [route])
  return shown
}

function NotLoaded() {
  return html`<${Reload} code="view_missing" />`
}

function Reload({ code }) {
  return html`
    <section class="narrow">
      <h1>Please reload</h1>
      <${ProblemNote} problem=${{ code }}>
        <button class="button" type="button" onClick=${() => location.reload()}>Reload</button>
      <//>
    </section>
  `
}

class Guard extends Component {
  state = { broken: false }

  componentDidCatch(error) {
    console.error(error)
    this.setState({ broken: true })
  }

  render({ children }, { broken }) {
    return broken ? html`<${Reload} code="page_broken" />` : children
  }
}

function Page() {
  const route = useRoute()
  const shown = useView(route)
  const main = useRef(null)
  const place = shown && `${shown.route.name} ${shown.route.id ?? ''}`
  const before = useRef(null)

  useEffect(() => {
    if (place === null) return
    document.title = TITLES[shown.route.name] ?? TITLES.home
    if (before.current !== null) {
      main.current.focus({ preventScroll: true })
      scrollTo(0, 0)
    }
    before.current = place
  }, [place])

  return html`
    <a class="skip" href="#content" onClick=${skip}>Skip to the content</a>
    <header class="frame">
      <a class="brand" href="#/"><${Mark} />gnosis-ocr</a>
      <nav aria-label="Main">
        <${Tab} route=${route} name="home" href="#/">Documents<//>
        <${Tab} route=${route} name="cluster" href="#/cluster">Cluster<//>
        <a href="docs">API</a>
        <${KeyButton} keys=${keys} />
      </nav>
    </header>
    <${ConnectionNote} api=${api} />
    <main id="content" ref=${main} tabindex="-1" aria-busy=${shown === null}>
      ${shown && html`
        <${Guard} key=${place}>
          <${shown.View} api=${api} route=${shown.route} go=${go} uploads=${uploads} recent=${recent} keys=${keys} />
        <//>
      `}
    </main>
    <${KeyPrompt} keys=${keys} />
  `

  function skip(event) {
    event.preventDefault()
    main.current.focus()
  }
}

function Tab({ route, name, href, children }) {
  return html`<a href=${href} aria-current=${route.name === name ? 'page' : undefined}>${children}</a>`
}

function Mark() {
  return html`
    <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
      <rect x="5" y="3" width="22" height="26" rx="4" fill="currentColor" />
      <path d="M10 11h12M10 16h12M10 21h7" stroke="var(--paper)" stroke-width="2.4" stroke-linecap="round" />
    </svg>
  `
}

/** Outside of home, too, what is dropped is handed in: a browser would leave the page for it. */
function dropElsewhere(event) {
  if (parseRoute(location.hash).name === 'home' || !event.dataTransfer?.types.includes('Files')) return
  event.preventDefault()
  if (event.type !== 'drop') return
  documentsIn(event.dataTransfer).then((documents) => {
    uploads.add(documents, {})
    go('#/')
  })
}

for (const type of ['dragover', 'drop']) addEventListener(type, dropElsewhere)

addEventListener('beforeunload', (event) => {
  if (uploads.busy) event.preventDefault()
})

const root = document.getElementById('page')
root.replaceChildren()
render(html`<${Page} />`, root)
