// What alerts are told to, in the tests: a program that takes webhooks as anybody's would (signatures
// checked by `standardwebhooks`, bodies read by the CloudEvents SDK), and a mail server.
//
// Started with a folder that holds `secret`, `tls.crt` and `tls.key`. Prints
// `{"hooks": …, "tls": port, "starttls": port}` once it listens, and ends when its standard input does.
// Its tests steer it:
//   POST /control/answers [status | {status, after}…]  how the next webhooks are answered
//   POST /control/refuse [address | {address | sender, status, message}…]  what mail is refused from now on (550, or so)
//   POST /control/after ["answer" | "vanish" | "hang"…]  what becomes of the next messages once they are taken
//   POST /control/mute                                 whoever says farewell is not answered from now on
//   POST /control/seen                                 what came, in order
import { HTTP } from "cloudevents";
import { simpleParser } from "mailparser";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { SMTPServer } from "smtp-server";
import { Webhook } from "standardwebhooks";

const folder = process.argv[2];
const file = (name) => readFileSync(`${folder}/${name}`, "utf8");
const seen = [];
let answers = [];
let refused = [];
let fates = [];
let mute = false;

async function body(request) {
  let text = "";
  for await (const part of request) text += part;
  return text;
}

function hook(request, text) {
  const { status, after } = [answers.shift() ?? 204].map((it) => (it.status ? it : { status: it }))[0];
  const one = { id: request.headers["webhook-id"], at: request.headers["webhook-timestamp"], status };
  try {
    // The stamp may lie in the past: the tests' clock does.
    const stamped = Date.now;
    Date.now = () => Number(one.at) * 1000;
    try {
      new Webhook(file("secret").trim()).verify(text, request.headers);
    } finally {
      Date.now = stamped;
    }
    const event = HTTP.toEvent({ headers: request.headers, body: text });
    event.validate();
    one.event = event.toJSON();
  } catch (error) {
    one.refused = String(error);
  }
  seen.push(one);
  return { status, after };
}

const http = createServer(async (request, response) => {
  const text = await body(request);
  if (request.url.startsWith("/control/")) {
    if (request.url === "/control/answers") answers = JSON.parse(text);
    if (request.url === "/control/refuse") {
      refused = JSON.parse(text).map((it) => (typeof it === "string" ? { address: it } : it));
    }
    if (request.url === "/control/after") fates = JSON.parse(text);
    if (request.url === "/control/mute") mute = true;
    response.setHeader("content-type", "application/json");
    return response.end(JSON.stringify(seen));
  }
  const { status, after } = hook(request, text);
  if (after) response.setHeader("retry-after", String(after));
  response.statusCode = status;
  response.end();
});

function answer(found, done) {
  if (!found) return done();
  const { status = 550, message = "no such mailbox" } = found;
  return done(Object.assign(new Error(message), { responseCode: status }));
}

function mail(options) {
  const server = new SMTPServer({
    cert: file("tls.crt"),
    key: file("tls.key"),
    onAuth({ username, password }, _session, done) {
      if (username === "makegood" && password === "a password") return done(null, { user: username });
      return done(new Error("no such login"));
    },
    onMailFrom({ address }, session, done) {
      for (const connection of this.connections) {
        if (mute && connection.session === session) connection.handler_QUIT = () => {};
      }
      return answer(
        refused.find((it) => it.sender === address),
        done,
      );
    },
    onRcptTo({ address }, _session, done) {
      return answer(
        refused.find((it) => it.address === address),
        done,
      );
    },
    async onData(stream, session, done) {
      const read = await simpleParser(stream);
      seen.push({
        to: session.envelope.rcptTo.map(({ address }) => address),
        secure: session.secure,
        subject: read.subject,
        text: read.text,
        message: read.messageId,
        thread: read.references,
        date: read.date.toISOString(),
        automatic: read.headers.get("auto-submitted"),
        from: read.from?.text,
        cc: read.cc?.text ?? null,
        html: read.html,
        files: read.attachments.map(({ filename, contentType, content }) => ({
          filename,
          contentType,
          sha256: createHash("sha256").update(content).digest("hex"),
        })),
        login: session.user ?? null,
      });
      const next = fates.shift() ?? "answer";
      if (next === "answer") return done();
      if (next === "hang") return;
      for (const connection of this.connections) {
        if (connection.session === session) connection._socket.destroy();
      }
    },
    ...options,
  });
  // Whoever speaks TLS to a port without, or is killed, ends nobody else's connection.
  server.on("error", () => {});
  return server;
}

const listen = (server) =>
  new Promise((done) => {
    const listening = server.listen(0, "127.0.0.1", () => done(listening.address().port));
  });
const hooks = `http://127.0.0.1:${await listen(http)}`;
const [tls, starttls] = await Promise.all([listen(mail({ secure: true })), listen(mail({ secure: false }))]);
console.log(JSON.stringify({ hooks, tls, starttls }));
process.stdout.on("error", () => {});
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
