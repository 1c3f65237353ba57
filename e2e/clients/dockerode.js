// A client of an engine that uses dockerode: dockerode.js MODE NAME [TAR]
//
// DOCKER_HOST says where the engine is.
'use strict';
const { PassThrough } = require('stream');
const fs = require('fs');
const Docker = require('dockerode');

function engine() {
  const at = new URL(process.env.DOCKER_HOST);
  if (at.protocol === 'unix:') return new Docker({ socketPath: at.pathname, version: 'v1.41' });
  return new Docker({ host: at.hostname, port: at.port, protocol: 'http', version: 'v1.41' });
}

// collect returns what a stream carries, as it comes.
function collect() {
  const s = new PassThrough();
  s.text = '';
  s.on('data', (b) => { s.text += b; });
  return s;
}

async function attachAndWait(docker, name) {
  const container = await docker.createContainer({
    name, Image: 'shell:1', Cmd: ['sh', '-c', 'echo out; echo err >&2; exit 3'], AttachStdout: true, AttachStderr: true,
  });
  const stream = await container.attach({ stream: true, stdout: true, stderr: true });
  const out = collect();
  const err = collect();
  container.modem.demuxStream(stream, out, err);
  await container.start();
  const { StatusCode } = await container.wait();
  console.log('exit', StatusCode, JSON.stringify(out.text), JSON.stringify(err.text));
  await container.remove();
}

async function exec(docker, name) {
  const e = await docker.getContainer(name).exec({
    Cmd: ['sh', '-c', 'echo out; echo err >&2; sleep 0.1; echo late; exit 4'], AttachStdout: true, AttachStderr: true,
  });
  const stream = await e.start({});
  const out = collect();
  const err = collect();
  docker.modem.demuxStream(stream, out, err);
  await new Promise((resolve) => stream.on('end', resolve));
  const { ExitCode } = await e.inspect();
  console.log('exit', ExitCode, JSON.stringify(out.text), JSON.stringify(err.text));
}

async function build(docker, name, tar) {
  const stream = await docker.buildImage(fs.createReadStream(tar), { t: name, nocache: true });
  const lines = await new Promise((resolve, reject) => {
    docker.modem.followProgress(stream, (e, all) => (e ? reject(e) : resolve(all)));
  });
  console.log(lines.map((l) => l.stream || JSON.stringify(l.aux)).join(''));
}

const [mode, ...rest] = process.argv.slice(2);
({ 'attach-wait': attachAndWait, exec, build })[mode](engine(), ...rest).catch((e) => {
  console.log('Error', e);
  process.exit(1);
});
