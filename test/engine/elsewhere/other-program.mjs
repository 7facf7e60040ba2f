/**
 * A program that serves HTTP on this computer: `node other-program.mjs NAME FROM`. It calls itself NAME, listens on the
 * first free port from FROM on (0: any), prints that port, and then the path of each request. `llama-server` answers as
 * llama.cpp does, any other name answers with a page.
 */

import { createServer } from 'node:http';

const [name, from] = process.argv.slice(2);
process.title = name;
const answers = {
  '/v1/models': { object: 'list', data: [{ id: 'org/local', object: 'model', owned_by: 'llamacpp' }] },
  '/props': { build_info: 'b6000', default_generation_settings: { n_ctx: 4096 } },
};

function listen(port) {
  const server = createServer((request, response) => {
    console.log(request.url);
    const answer = name === 'llama-server' ? answers[request.url] : undefined;
    if (answer === undefined) response.writeHead(404, { 'content-type': 'text/html' }).end('<p>not here</p>');
    else response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  server.once('error', () => listen(port + 1));
  server.listen(port, '127.0.0.1', () => console.log(server.address().port));
}

listen(Number(from));
