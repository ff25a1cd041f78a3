// Numbers as people read them.

/** `812 KB`, `34.5 MB`. */
export function sizeText(bytes) {
  if (bytes < 1000 << 10) return `${Math.ceil(bytes / 1024)} KB`
  const megabytes = bytes / (1 << 20)
  return `${megabytes < 100 ? megabytes.toFixed(1).replace(/\.0$/, '') : Math.round(megabytes)} MB`
}

/** `just now`, `5 minutes ago`, `yesterday`; now: milliseconds. */
export function agoText(time, now, language = 'en') {
  const seconds = Math.round((Date.parse(time) - now) / 1000)
  if (seconds > -45) return 'just now'
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  for (const [unit, length, most] of UNITS) {
    const count = Math.round(seconds / length)
    if (-count < most) return format.format(count, unit)
  }
  return new Date(Date.parse(time)).toLocaleDateString(language)
}

const UNITS = [
  ['minute', 60, 60],
  ['hour', 3600, 24],
  ['day', 86400, 30],
]
