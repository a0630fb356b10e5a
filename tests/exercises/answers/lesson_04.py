"""Lesson 04, the dev server and its command line."""

from __future__ import annotations

from tests.support.answering import CORRECT, NOT_ATTEMPTED, Answer, replace
from tutorial_lib.course import lesson_04 as ex

AUDIT = ex.audit_team.solution_code
POWER = ex.power_cut.starter
MADE = "!temporal operator namespace create --address {shop.address} --namespace dev-payments"
STARTED = (
    "!temporal workflow start --address {shop.address} --namespace dev-payments --workflow-id order-99 "
    "--type TransferMoney --task-queue payments-transfer-tq --input '\"order-99\"'"
)


def command(line: str) -> str:
    """A right function around a command line."""
    return replace(POWER, "____", f'f"{line}"')


def both(*pairs: str) -> str:
    """Both commands of the last exercise; the second one with pieces replaced."""
    return f"{MADE}\n{replace(STARTED, *pairs) if pairs else STARTED}"


ANSWERS = [
    # ---- a command with three mistakes -----------------------------------------------------------
    # short flags, hours, single quotes, one line, a prompt
    Answer(
        "audit_team",
        'create = "$ temporal operator namespace create -n audit-team --retention 2160h --description '
        "'Who paid what'\"",
        CORRECT,
    ),
    # the first of three is mended
    Answer(
        "audit_team", replace(AUDIT, '"Who paid what"', "Who paid what", "90d", "90"), says="missing unit"
    ),
    # two of three
    Answer("audit_team", replace(AUDIT, '"Who paid what"', "Who paid what"), says="at most 1 arg"),
    # what the notes got wrong is kept, the rest is mended
    Answer("audit_team", replace(AUDIT, "operator ", ""), says="unknown flag: --namespace"),
    # backslashes, as in a terminal, one with a blank behind it
    Answer(
        "audit_team",
        'create = r"""temporal operator namespace create --namespace audit-team \\\n'
        '  --description "Who paid what" \\ \n --retention 90d \\\n"""',
        CORRECT,
    ),
    Answer("audit_team", replace(AUDIT, "create --n", "--n"), says="unknown"),
    Answer("audit_team", replace(AUDIT, "90d", "90 d"), says="without a blank between them"),
    Answer("audit_team", replace(AUDIT, "90d", "90days"), says="a unit is one letter"),
    Answer("audit_team", replace(AUDIT, "90d", '"90 days"'), says="a unit is one letter"),
    Answer("audit_team", replace(AUDIT, '"Who paid what"', "Who-paid-what"), says="is 'Who-paid-what'"),
    # accepted by the CLI, and not what was asked for
    Answer("audit_team", replace(AUDIT, "90d", "90h"), says="90 hours, that is 3.75 days"),
    Answer("audit_team", replace(AUDIT, '"Who paid what"', "Who"), says="its description is 'Who'"),
    Answer(
        "audit_team", replace(AUDIT, "audit-team", "audit_team"), says="no `audit-team`, only `audit_team`"
    ),
    # the quotes are opened only
    Answer("audit_team", replace(AUDIT, 'what"', "what"), says="a quote is opened"),
    Answer("audit_team", replace(AUDIT, " --namespace audit-team", ""), says="already exists"),
    # one that does not end
    Answer(
        "audit_team", 'create = "temporal server start-dev --headless --port 27417"', says="still running"
    ),
    Answer("audit_team", replace(AUDIT, "temporal operator", "operator"), says="begins with `operator`"),
    Answer("audit_team", "create = None", says="`None` is not the command as text"),
    # ---- a server that survives ------------------------------------------------------------------
    Answer(
        "power_cut", command("!temporal server start-dev -n payments -f {file} -p {port} --headless"), CORRECT
    ),
    Answer("power_cut", command("temporal server dev start --port {port}"), says="unknown flag: --port"),
    Answer(
        "power_cut",
        command("temporal server start-dev --port {port} --db-filename {file}"),
        says="no `payments`",
    ),
    Answer(
        "power_cut", command("temporal server start-dev --port {port} -n payments"), says="been in memory"
    ),
    Answer(
        "power_cut",
        command("temporal server start-dev --port {port} -n payments --db-filename temporal.db"),
        says="`temporal.db` in the directory",
    ),
    Answer(
        "power_cut",
        command("temporal server start-dev --port {port} -n payments --db-filename {file}.db"),
        says="not in `file`",
    ),
    # the `f` is forgotten
    Answer(
        "power_cut",
        replace(command("temporal server start-dev --port {port} -n payments -f {file}"), 'f"', '"'),
        says="has `{port}` and `{file}` in it, as written here",
    ),
    Answer(
        "power_cut",
        command("temporal server start-dev --port port --db-filename file -n payments"),
        says="a flag wants another kind of value",
    ),
    Answer(
        "power_cut",
        command("temporal server start-dev --port {port} --db-filename {file} --namespace Payments"),
        says="is matched to the letter",
    ),
    Answer("power_cut", command("temporal server start --port {port}"), says="starts no server"),
    Answer("power_cut", command("temporal --version"), says="it starts no server"),
    Answer(
        "power_cut", replace(POWER, "return ____", 'print("temporal server start-dev")'), says="returned None"
    ),
    Answer("power_cut", replace(POWER, "return ____", "while True: pass"), says="did not return"),
    Answer("power_cut", replace(POWER, "return ____", "return f'temporal {prot}'"), says="NameError"),
    # ---- from an empty server to a paid order ----------------------------------------------------
    Answer("by_hand", "", NOT_ATTEMPTED, says="nothing started there"),
    # as in a terminal
    Answer("by_hand", both(), CORRECT),
    # the wrong start is repaired as the feedback says
    Answer(
        "by_hand",
        f"{both('transfer-tq', 'transfers-tq')}\n{STARTED} --id-conflict-policy TerminateExisting",
        CORRECT,
    ),
    # the namespace of the notes' other example
    Answer("by_hand", replace(MADE, "dev-payments", "dev-payment"), says="no `dev-payments`"),
    # started where nobody was told to look
    Answer(
        "by_hand", both("--namespace dev-payments", "--namespace default"), says="was started in `default`"
    ),
    Answer("by_hand", both("TransferMoney", "transferMoney"), says="type `transferMoney`"),
    Answer("by_hand", both("payments-transfer-tq", "payments-tq"), says="task queue `payments-tq`"),
    Answer("by_hand", both(" --input '\"order-99\"'", ""), says="no input"),
    Answer(
        "by_hand",
        both("'\"order-99\"'", '\'{{"order": "order-99"}}\''),  # in a `!` line { } would be Python's
        says="the input {'order': 'order-99'}",
    ),
    Answer(
        "by_hand",
        f"{both()}\n!temporal workflow terminate --address {{shop.address}} -n dev-payments -w order-99",
        says="order-99` is Terminated",
    ),
    # all true, but from Python
    Answer(
        "by_hand",
        f"""
{MADE}
client = await shop.connect("dev-payments")
await client.start_workflow("TransferMoney", "order-99", id="order-99", task_queue="payments-transfer-tq")
""",
        says="who asked for it",
    ),
    # without an address: on the server of the lesson's other cells
    Answer(
        "by_hand",
        "!temporal operator namespace create --namespace dev-payments",
        says="`dev-payments` was created, on another server than `shop`",
        call="_said = await ex.by_hand.check(shop)\n"
        "_gone = lab.cli('operator namespace delete --namespace dev-payments --yes')\n"
        "_said",
    ),
    # then once more, with the address; what fails now is the start alone
    Answer(
        "by_hand",
        f"!temporal operator namespace create --namespace dev-payments\n{MADE}\n"
        + replace(STARTED, "'\"order-99\"'", "order-99"),
        says="half of it",
        call="_said = await ex.by_hand.check(shop)\n"
        "_gone = lab.cli('operator namespace delete --namespace dev-payments --yes')\n"
        "_said",
    ),
    Answer(
        "by_hand",
        both("--address {shop.address} --namespace dev-payments ", ""),
        says="`order-99` was started in `lesson-04`, on another server than `shop`",
        call="_said = await ex.by_hand.check(shop)\n"
        "await lab.client.get_workflow_handle('order-99').terminate()\n"
        "_said",
    ),
    Answer("by_hand", both("--workflow-id order-99", "--workflow-id Order-99"), says="`Order-99`, and no"),
    Answer("by_hand", "shop.kill()", says="is down"),
    # ---- what readers of the second edition typed --------------------------------------------------
    Answer("audit_team", replace(AUDIT, "--description ", "--description=", "90d", "90d0h"), CORRECT),
    Answer("audit_team", replace(AUDIT, "90d", "90D"), says="units are small letters"),
    # months, they thought
    Answer("audit_team", replace(AUDIT, "90d", "3m"), says="an hour is the least"),
    Answer("audit_team", replace(AUDIT, "--namespace", "--name"), says="unknown flag: --name"),
    # pasted from a text editor
    Answer(
        "audit_team", replace(AUDIT, '"Who paid what"', "\u201cWho paid what\u201d"), says="straight quotes"
    ),
    Answer("audit_team", replace(AUDIT, "--retention", "-retention"), says="begins with two dashes"),
    Answer("audit_team", replace(AUDIT, "    --retention 90d\n", ""), says="72 hours, that is 3 days"),
    # the command has been run, and its answer is handed in
    Answer(
        "audit_team",
        "create = lab.cli('operator namespace describe --namespace default')",
        says="is not the command as text",
    ),
    Answer(
        "power_cut",
        command("temporal server start-dev --port={port} --db-filename='{file}' --namespace=payments"),
        CORRECT,
    ),
    Answer(
        "power_cut",
        replace(POWER, "____", '["temporal", "server", "start-dev", "--port", port]'),
        says="the command line, a text",
    ),
    Answer("power_cut", replace(POWER, "____", '"temporal server start-dev -p " + port'), says="TypeError"),
    # nothing that follows a server is ever run
    Answer(
        "power_cut",
        command("temporal server start-dev -p {port} -f {file} && temporal workflow list"),
        says='unknown command "&&"',
    ),
    Answer(
        "power_cut",
        command("temporal server start-dev -p {port} -f {file} -n payment"),
        says="`default`, `payment`. The order",
    ),
    Answer(
        "power_cut",
        command("temporal server start-dev --port {file} -f {port} -n payments"),
        says="wants another kind of value",
    ),
    Answer(
        "power_cut",
        command("temporal server start-dev --port {port} -f file -n payments"),
        says="its state is in `file` in the directory",
    ),
    # by the environment, with short flags
    Answer(
        "by_hand",
        "!TEMPORAL_ADDRESS={shop.address} temporal operator namespace create -n dev-payments\n"
        "!TEMPORAL_ADDRESS={shop.address} TEMPORAL_NAMESPACE=dev-payments temporal workflow start "
        "-w order-99 -t payments-transfer-tq --type TransferMoney -i '\"order-99\"'",
        CORRECT,
    ),
    Answer("by_hand", both("'\"order-99\"'", "'\"order-42\"'"), says="the input 'order-42'"),
    Answer("by_hand", both("'\"order-99\"'", "99"), says="the input 99"),
    Answer("by_hand", both() + " --input '\"order-99\"'", says="'order-99', 'order-99', and the worker"),
    Answer(
        "by_hand",
        both() + "\n!temporal workflow cancel --address {shop.address} -n dev-payments -w order-99",
        says="is Canceled: event 6 closed it\n",
    ),
    Answer("by_hand", both() + " --start-delay 1h", says="holds the order back for 3600 s"),
    # the bare number: nothing is there, so the start fails, too
    Answer(
        "by_hand",
        f"{MADE} --retention 24\n{STARTED}",
        NOT_ATTEMPTED,
        says="A command that printed `Error` has done nothing",
    ),
    # the address is copied from the cells above
    Answer(
        "by_hand",
        "from tutorial_lib import start_dev_server\nserver = await start_dev_server()\n"
        + both().replace("shop.address", "server.address"),
        says="on another server than `shop`: on 127.0.0.1",
        call="_said = await ex.by_hand.check(shop)\nserver.close()\n_said",
    ),
]
