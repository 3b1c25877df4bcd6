/**
 * What is known of the turns of a conversation, from the frames of its socket. Pure: no DOM, no socket.
 *
 * A reader may see frames twice (after a reconnect) and a finished turn again with its deltas joined: the part of a
 * delta below what it has is dropped, by `at`, which counts code points.
 */

/**
 * @typedef {{id: string, turn: string, persona: string, role: string, status: string, text: string, length: number,
 *            evidence: any[], traced: number}} Answer
 * @typedef {{id: string, client: string, question: string, seq: number, answers: string[], done: boolean}} Turn
 * @typedef {{turns: Map<string, Turn>, answers: Map<string, Answer>, asked: Set<string>}} State
 * @typedef {{type: "turn"|"started"|"text"|"evidence"|"finished"|"done"|"gap", turn: Turn|null, answer?: Answer,
 *            piece?: string, frame?: object, after?: number, id?: string}} Change
 */

/** @returns {State} */
export function createState() {
  return { turns: new Map(), answers: new Map(), asked: new Set() };
}

/**
 * Takes a frame in and says what changed; [] when it was known already.
 * @param {State} state
 * @param {any} frame
 * @returns {Change[]}
 */
export function reduce(state, frame) {
  if (frame.type === "turn.started") return startTurn(state, frame);
  const handle = HANDLERS[frame.type];
  if (!handle) return [];
  const turn = state.turns.get(frame.turn);
  if (!turn) return gap(state, frame.turn);
  if (frame.type === "turn.finished") return finishTurn(turn, frame);
  const answer = state.answers.get(frame.message);
  if (!answer) return [];
  if (frame.type === "text.delta" && frame.at > answer.length) return gap(state, turn.id);
  turn.seq = Math.max(turn.seq, frame.seq);
  return handle(turn, answer, frame);
}

/** Something was missed: the whole turn is asked for, once; what is known already is dropped when it comes. */
function gap(state, id) {
  if (state.asked.has(id)) return [];
  state.asked.add(id);
  return [{ type: "gap", turn: null, id, after: -1 }];
}

/**
 * The turns that were begun and not finished.
 * @param {State} state
 * @returns {Turn[]}
 */
export function openTurns(state) {
  return [...state.turns.values()].filter((turn) => !turn.done);
}

/**
 * How many code points a text has; the server counts the same way.
 * @param {string} text
 * @returns {number}
 */
export function codePoints(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

const HANDLERS = {
  "answer.started": startAnswer,
  "text.delta": addText,
  "answer.evidence": addEvidence,
  "answer.finished": finishAnswer,
  "turn.finished": finishTurn,
};

function startTurn(state, frame) {
  const known = state.turns.get(frame.turn);
  if (known) return [];
  const turn = {
    id: frame.turn,
    client: frame.id,
    question: frame.question,
    seq: frame.seq,
    answers: frame.answers.map((answer) => answer.message),
    done: false,
  };
  state.turns.set(turn.id, turn);
  for (const { message, persona, role } of frame.answers) {
    state.answers.set(message, { id: message, turn: turn.id, persona, role, status: "streaming", text: "", length: 0, evidence: [], traced: -1 });
  }
  return [{ type: "turn", turn }];
}

function startAnswer(turn, answer, frame) {
  if (answer.begun) return [];
  answer.begun = true;
  return [{ type: "started", turn, answer, frame }];
}

function addText(turn, answer, frame) {
  const have = answer.length - frame.at;
  const piece = have ? [...frame.text].slice(have).join("") : frame.text;
  if (!piece) return [];
  answer.text += piece;
  answer.length += codePoints(piece);
  return [{ type: "text", turn, answer, piece }];
}

function addEvidence(turn, answer, frame) {
  if (answer.status !== "streaming" || frame.seq <= answer.traced) return [];
  answer.traced = frame.seq;
  answer.evidence.push(...frame.evidence);
  return [{ type: "evidence", turn, answer, frame }];
}

function finishAnswer(turn, answer, frame) {
  if (answer.status !== "streaming") return [];
  answer.status = frame.status;
  answer.frame = frame; // a transcript fetched a moment too early is put right with it
  return [{ type: "finished", turn, answer, frame }];
}

function finishTurn(turn, frame) {
  turn.seq = Math.max(turn.seq, frame.seq);
  if (turn.done) return [];
  turn.done = true;
  return [{ type: "done", turn }];
}
