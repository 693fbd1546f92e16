'use strict'
// peers.cjs open|insert FOLDER [TARGET]: the real library loading all datafiles of a folder, and for
// `insert` putting each document into one of two other datafiles, one by one.
const fs = require('fs')
const path = require('path')
const Datastore = require(path.join(process.env.NEDB_MODULES, '@seald-io/nedb'))

async function main ([act, folder, target]) {
  const began = process.hrtime.bigint()
  const held = []
  for (const name of fs.readdirSync(folder).filter(n => n.endsWith('.db'))) {
    const db = new Datastore({ filename: path.join(folder, name) })
    await db.loadDatabaseAsync()
    held.push([name, db])
  }
  if (act === 'insert') {
    const into = {}
    for (const name of ['admin', 'application']) {
      into[name] = new Datastore({ filename: path.join(target, name + '.db') })
      await into[name].loadDatabaseAsync()
    }
    for (const [name, db] of held) {
      const side = /^(admin|permission)/.test(name) ? into.admin : into.application
      for (const document of db.getAllData()) {
        const tagged = { ...document, _collection: name }
        delete tagged._id
        await side.insertAsync(tagged)
      }
    }
  }
  const seconds = Number(process.hrtime.bigint() - began) / 1e9
  console.log(JSON.stringify({ seconds, peak_mb: process.memoryUsage().rss / 1e6 }))
}
main(process.argv.slice(2)).catch(error => { console.error(error); process.exit(1) })
