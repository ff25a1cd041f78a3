// Asks for the password of an encrypted document, and has it read with it.

import { html, useEffect, useRef, useState } from '../html.js'

export function JobPassword({ code, busy, send }) {
  const [password, setPassword] = useState('')
  const field = useRef(null)
  useEffect(() => {
    // the field that had the focus went when the password was tried
    if (code === 'password_wrong' && document.activeElement === document.body) field.current.focus()
  }, [])
  const submit = (event) => {
    event.preventDefault()
    if (password) send(password)
  }
  return html`
    <form class="job-password" onSubmit=${submit}>
      <label for="job-password">${code === 'password_wrong' ? 'Another password' : 'Password of the document'}</label>
      <div class="actions">
        <input
          id="job-password" ref=${field} type="password" autocomplete="off" required maxlength="1024"
          value=${password} onInput=${(event) => setPassword(event.target.value)}
        />
        <button class="button primary" type="submit" disabled=${busy || !password}>Read it</button>
      </div>
      <p class="muted">It is used for this document alone, and not kept once the document has been read.</p>
    </form>
  `
}
