// Says that the server does not answer, and that it answers again: once each, however many requests notice it.

import { html, useEffect, useState } from './html.js'

const SHOWN_AGAIN_MS = 4000

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
