// A peer of the benchmark: the same documents replicated by PouchDB from express-pouchdb, both on LevelDB, over a socket.
// Reads NDJSON (`{"_id", …}`) from the file it is given, and prints the seconds that the replication took: in batches of
// 1,000, and of 100 as it does unless told otherwise.
import { createReadStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import express from "express";
import expressPouch from "express-pouchdb";
import PouchDB from "pouchdb";

const folder = mkdtempSync(join(tmpdir(), "pouch-"));
const Server = PouchDB.defaults({ prefix: join(folder, "server-") });
const app = express();
app.use("/", expressPouch(Server, { mode: "minimumForPouchDB", inMemoryConfig: true, logPath: join(folder, "log") }));
const listening = app.listen(0, "127.0.0.1");
await new Promise((done) => listening.once("listening", done));

const source = new Server("book");
let some = [];
for await (const line of createInterface({ input: createReadStream(process.argv[2]) })) {
  some.push(JSON.parse(line));
  if (some.length === 5000) await source.bulkDocs(some.splice(0));
}
await source.bulkDocs(some);

const replicated = async (name, options) => {
  const here = new PouchDB(join(folder, name));
  const began = process.hrtime.bigint();
  const done = await here.replicate.from(`http://127.0.0.1:${listening.address().port}/book`, options);
  if (!done.ok) throw new Error(JSON.stringify(done));
  return Number(process.hrtime.bigint() - began) / 1e9;
};
const told = { thousands: await replicated("thousands", { batch_size: 1000 }), hundreds: await replicated("hundreds", {}) };
console.log(JSON.stringify(told));
rmSync(folder, { recursive: true });
process.exit(0);
