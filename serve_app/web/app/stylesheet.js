// Styles that only one view needs, loaded with it: `await stylesheet(new URL('../../job.css', import.meta.url))`.

const loaded = new Map()

/** Resolves once the styles hold, also where they can't be loaded: the view is of use without them. */
export function stylesheet(url) {
  const href = String(url)
  if (!loaded.has(href)) loaded.set(href, load(href))
  return loaded.get(href)
}

function load(href) {
  return new Promise((resolve) => {
    const link = document.createElement('link')
    link.rel = 'stylesheet'
    link.href = href
    link.onload = link.onerror = () => resolve()
    document.head.append(link)
  })
}
