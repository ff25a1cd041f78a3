// Puts text on the clipboard, also where the page is not served securely and the browser keeps its newer way shut.

/** text: or a promise of it: browsers want the copying begun while the click still counts. */
export async function copyText(text) {
  if (navigator.clipboard?.write && globalThis.ClipboardItem) {
    const known = Promise.resolve(text)
    const blob = known.then((said) => new Blob([said], { type: 'text/plain' }))
    await Promise.all([known, navigator.clipboard.write([new ClipboardItem({ 'text/plain': blob })])])
    return
  }
  copyOldWay(await text)
}

function copyOldWay(text) {
  const area = document.createElement('textarea')
  area.value = text
  area.readOnly = true
  area.style.position = 'fixed'
  area.style.opacity = '0'
  document.body.append(area)
  area.select()
  const copied = document.execCommand('copy')
  area.remove()
  if (!copied) throw new Error('The browser did not copy.')
}
