// Says that the server does not answer, and that it answers again: once each, however many requests notice it. Until
// then it asks by itself, for a view that shows what has ended asks for nothing.

import { html, useEffect, useState } from './html.js'
import { pause } from './pause.js'

const SHOWN_AGAIN_MS = 4000
const ASKED_AGAIN_MS = 2500

export function ConnectionNote({ api }) {
  const [state, setState] = useState('fine')

  useEffect(() => {
    const lost = () => setState('lost')
    const answered = () => setState((before) => (before === 'lost' ? 'back' : before))
    api.addEventListener('unreachable', lost)
    api.addEventListener('answered', answered)
    addEventListener('offline', lost)
    return () => {
      api.removeEventListener('unreachable', lost)
      api.removeEventListener('answered', answered)
      removeEventListener('offline', lost)
    }
  }, [api])

  useEffect(() => {
    if (state !== 'lost') return undefined
    const found = new AbortController()
    askAgain(api, found.signal).catch(() => {})
    return () => found.abort()
  }, [api, state])

  useEffect(() => {
    if (state !== 'back') return undefined
    const timer = setTimeout(() => setState('fine'), SHOWN_AGAIN_MS)
    return () => clearTimeout(timer)
  }, [state])

  return html`
    <div class="connection" role="status" data-state=${state}>
      ${state === 'lost' && 'The server does not answer. Nothing is lost: this page tries again by itself.'}
      ${state === 'back' && 'The server answers again.'}
    </div>
  `
}

/** Until the signal is aborted. Whether anybody answers is told by the API's events. */
async function askAgain(api, signal) {
  for (;;) {
    await pause(ASKED_AGAIN_MS, signal)
    if (!document.hidden) await api.get('/healthz', { signal, attempts: 1 }).catch(() => {})
  }
}
