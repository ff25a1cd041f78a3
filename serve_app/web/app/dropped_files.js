// The files in what was dropped, folders walked to their ends.

/**
 * To be called while the drop event is handled: what it carries is gone afterwards.
 *
 * @param {DataTransfer} transfer
 * @returns {Promise<File[]>} in the order of their paths; hidden files are left out
 */
export function filesOf(transfer) {
  const items = [...(transfer.items ?? [])].filter((item) => item.kind === 'file')
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null)
  if (entries.length === 0 || entries.includes(null)) return Promise.resolve([...transfer.files])
  return walked(entries)
}

/** Those that are chosen by `<input webkitdirectory>` or as files; hidden ones are left out. */
export function chosenFiles(files) {
  return inOrder([...files].filter((file) => !isHidden(file.webkitRelativePath || file.name)))
}

async function walked(entries) {
  const found = []
  const ahead = [...entries]
  while (ahead.length > 0) {
    const entry = ahead.shift()
    if (entry.name.startsWith('.')) continue
    if (entry.isDirectory) ahead.push(...(await childrenOf(entry)))
    else found.push({ path: entry.fullPath, file: await fileOf(entry) })
  }
  return found.sort((one, other) => byName(one.path, other.path)).map(({ file }) => file)
}

/** A reader gives some of a folder's entries at a time, and none at the end. */
async function childrenOf(folder) {
  const reader = folder.createReader()
  const children = []
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return children
    children.push(...some)
  }
}

function fileOf(entry) {
  return new Promise((resolve, reject) => entry.file(resolve, reject))
}

function inOrder(files) {
  const pathOf = (file) => file.webkitRelativePath || file.name
  return files.sort((one, other) => byName(pathOf(one), pathOf(other)))
}

function isHidden(path) {
  return path.split('/').some((part) => part.startsWith('.'))
}

/** As people count: `page 2` before `page 10`. */
function byName(one, other) {
  return one.localeCompare(other, undefined, { numeric: true })
}
