// The prompt for the API key, over whatever the page shows; and the button in the frame that opens it.

import { html, useEffect, useRef, useState } from './html.js'
import { canBeSent } from './key.js'
import { useChanges } from './use_changes.js'

export function KeyPrompt({ keys }) {
  useChanges(keys)
  return keys.asking === null ? null : html`<${Prompt} keys=${keys} refused=${keys.asking.refused} />`
}

function Prompt({ keys, refused }) {
  const dialog = useRef(null)
  const [remember, setRemember] = useState(false)
  const [garbled, setGarbled] = useState(false)
  useEffect(() => {
    const shown = dialog.current
    shown.showModal()
    return () => shown.close() // gives the focus back
  }, [])

  function give(event) {
    event.preventDefault()
    const key = new FormData(event.target).get('key').trim()
    setGarbled(key !== '' && !canBeSent(key))
    if (canBeSent(key)) keys.give(key, remember)
  }

  function dismiss(event) {
    event.preventDefault()
    keys.dismiss()
  }

  return html`
    <dialog ref=${dialog} class="prompt" aria-labelledby="key-title" onCancel=${dismiss}>
      <form onSubmit=${give}>
        <h2 id="key-title">API key</h2>
        <p role="alert" class=${refused || garbled ? 'problem-text' : ''}>${asked(refused, garbled)}</p>
        <label for="key-field">Key</label>
        <input id="key-field" name="key" type="password" required autocomplete="off" spellcheck="false" autofocus />
        <label class="check">
          <input type="checkbox" checked=${remember} onChange=${(event) => setRemember(event.target.checked)} />
          Keep it on this device
        </label>
        <div class="actions">
          <button class="button primary" type="submit">Use this key</button>
          <button class="button" type="button" onClick=${dismiss}>Not now</button>
        </div>
      </form>
    </dialog>
  `
}

function asked(refused, garbled) {
  if (garbled) return 'There are letters in this that no key has. Copy the key once more, and nothing beside it.'
  return refused
    ? 'The server does not take this key. It may have expired or been revoked; enter another one.'
    : 'This server wants to know who is asking. Enter the key that you were given.'
}

/** Shows whether a key is in use. Forgetting it takes it from this device. */
export function KeyButton({ keys }) {
  useChanges(keys)
  if (keys.current !== null) {
    return html`<button class="button quiet" type="button" onClick=${() => keys.forget()}>Forget key</button>`
  }
  if (!keys.dismissed && keys.asking === null) return null // it stays under the prompt that it opened
  return html`<button class="button quiet" type="button" onClick=${() => keys.open()}>Enter key</button>`
}
