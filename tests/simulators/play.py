"""A desk without hardware: a real IoT box with simulated devices, to try things out.

    ./clinic box

A register with the SHTRIH-M protocol (its older level over a serial line, the newer one
over another), ATOL's web server, card terminals, a slip printer and a scanner. What is
typed says what happens at the desk; ``help`` lists it.
"""

import argparse
import cmd
import re
import shutil
from contextlib import ExitStack
from pathlib import Path

from . import atol, scanner, shtrih, vtk
from .iot_box import RealBox

IDENTIFIER = "box-without-hardware"
TYPES = {2: "shift opened", 3: "receipt", 5: "Z report", 31: "correction"}
OPERATIONS = {1: "income", 2: "return", 3: "expense", 4: "return of expense"}
# What may be asked of a register at its next command, and what the code calls it.
MOODS = {
    **{"lost-ack": shtrih.LOST_ACK, "lost-answer": shtrih.LOST_ANSWER},
    **{"wrong-lrc": shtrih.WRONG_LRC, "noise": shtrih.NOISE, "slow": shtrih.SLOW},
    **{"not-heard": shtrih.NOT_HEARD, "power-cut": shtrih.POWER_CUT},
    **{"answer-gone": shtrih.ANSWER_GONE, "paper-out": shtrih.PAPER_OUT},
    **{"full": shtrih.FN_FULL, "foreign": shtrih.FOREIGN},
}
STEPS = {"open": shtrih.OPEN, "item": shtrih.ITEM, "close": shtrih.CLOSE}
CARDS = {"decline": (vtk.DECLINED, "VRP"), "lost": (vtk.LOST_ANSWER, "VRP")}


def rubles(kopecks):
    return f"{kopecks / 100:.2f}"


def text_of(printed):
    """Return the words among what a slip printer was sent; a picture is a word."""
    raster = re.compile(rb"\x1dv0\x00(..)(..)", re.DOTALL)
    while found := raster.search(printed):
        width, height = (int.from_bytes(part, "little") for part in found.groups())
        rest = printed[found.end() + width * height :]
        printed = printed[: found.start()] + b"[barcode]" + rest
    printed = re.sub(rb"\x1dV..|\x1b\x70...|\x1b@|\x1b[=taEd].|\x1d!.", b"", printed)
    return printed.replace(b"\x0c", b"----\n").decode("cp866", "replace")


class Desk(cmd.Cmd):
    prompt = "desk> "
    intro = "Type help for what can happen here, Ctrl-D to end.\n"

    def __init__(self, folder, stack, port=None):
        super().__init__()
        self.registers = {
            "kassa1": stack.enter_context(shtrih.Register(serial=True)),
            "kassa2": stack.enter_context(shtrih.Register(level="2", serial=True)),
        }
        self.atol = stack.enter_context(atol.Atol())
        self.terminals = {
            "terminal1": stack.enter_context(vtk.Terminal()),
            "terminal2": stack.enter_context(vtk.Terminal(serial=True)),
        }
        self.paper = stack.enter_context(scanner.Paper())
        self.gun = stack.enter_context(scanner.Gun(serial=True))
        self.box = RealBox(folder, self._options(), identifier=IDENTIFIER, port=port)
        stack.callback(self.box.kill)

    def _options(self):
        options = {
            name: {"driver": "shtrih", "port": one.url, "level": one.level}
            for name, one in self.registers.items()
        }
        options["kassa3"] = {"driver": "atol", "url": self.atol.url}
        for name, one in self.terminals.items():
            link = "serial" if one.serial else "tcp"
            options[name] = {"driver": "vtk", "port": one.url, "link": link}
        options["terminal3"] = {"driver": "manual"}
        options["printer1"] = {"driver": "escpos", "port": self.paper.url}
        options["scanner1"] = {"driver": "scanner", "port": self.gun.url}
        return options

    def start(self):
        self.box.start()
        self.box.wait_until_up(120)

    # What is typed

    def onecmd(self, line):
        try:
            return super().onecmd(line)
        except (KeyError, ValueError) as error:
            print(f"Not understood: {error}. Type help.")

    def emptyline(self):
        pass

    def _register(self, name):
        return self.registers[name or "kassa1"]

    def do_tape(self, name):
        """tape [kassa1|kassa2|kassa3]: what the register has printed."""
        if name == "kassa3":
            for number, task in enumerate(self.atol.tape, 1):
                print(f"{number:4} {task['type']:14} {task.get('total', '')}")
                for item in task.get("items", []):
                    print(f"       {item['name']}: {item['amount']:.2f}", end="")
                    print(f"  {item['paymentMethod']} {item['paymentObject']}", end="")
                    print(f" {item['tax']['type']}")
            self._end_of_tape(self.atol.cash, self.atol.drawers)
            return
        register = self._register(name)
        for made in register.tape:
            what = TYPES.get(made.type, made.type)
            print(f"{made.fd:4} shift {made.shift}  {what}", end="")
            if made.total:
                print(f", {OPERATIONS[made.operation]}", rubles(made.total), end="")
            print("  (another program's)" if made.foreign else "")
            for item in made.items:
                print(f"       {item['name']}: {rubles(item['total'])}", end="")
                print(f"  1214={item['method']} 1212={item['object']}", end="")
                print(f" vat={item['vat']:02X}")
        self._end_of_tape(register.cash, register.drawer_opened)

    @staticmethod
    def _end_of_tape(cash, drawers):
        print(f"Cash in the register: {rubles(cash)}, its drawer opened: {drawers}")

    def do_paper(self, line):
        """paper out|in [kassa1|kassa2]: the paper ends, or somebody puts it in."""
        what, _space, name = line.partition(" ")
        if what == "out":
            self._register(name).submode = shtrih.codec.PASSIVE_NO_PAPER
        elif what == "in":
            self._register(name).load_paper()
        else:
            raise ValueError(what)

    def do_next(self, line):
        """next MOOD [open|item|close] [kassa1|kassa2]: what the next command meets."""
        words = line.split()
        name = words.pop() if words[-1] in self.registers else None
        step = STEPS[words[1]] if len(words) > 1 else None
        self._register(name).be(MOODS[words[0]], on=step)

    def help_next(self):
        print(self.do_next.__doc__, "Moods:", ", ".join(MOODS))

    def do_old(self, name):
        """old [kassa1|kassa2]: the shift is older than 24 hours from now on."""
        self._register(name).shift_old = True

    def do_renew(self, name):
        """renew [kassa1|kassa2]: the fiscal storage is no longer full."""
        self._register(name).full = False

    def do_foreign(self, name):
        """foreign [kassa1|kassa2]: another program prints a receipt of that sum."""
        self._register(name).make_foreign()

    def do_card(self, line):
        """card decline|lost [terminal1|terminal2]: how the next card will end."""
        what, _space, name = line.partition(" ")
        self.terminals[name or "terminal1"].be(*CARDS[what])

    def do_cards(self, _line):
        """cards: what the terminals have taken, by the number of the operation."""
        for name, terminal in self.terminals.items():
            print(name, {key: rubles(sum_) for key, sum_ in terminal.taken.items()})

    def do_scan(self, code):
        r"""scan CODE: somebody scans a code; \x1d is the separator of GS1."""
        self.gun.read_code(code.replace(r"\x1d", "\x1d").encode())

    def do_slips(self, _line):
        """slips: what the slip printer was sent, as text."""
        print(text_of(self.paper.printed))
        pulses = len(re.findall(rb"\x1bp[\0\1]\x19\x19", self.paper.printed))
        print(f"Its drawer opened: {pulses}")

    def do_box(self, what):
        """box kill|start: its power is cut, or it comes back."""
        {"kill": self.box.kill, "start": self.box.start}[what]()

    def do_EOF(self, _line):
        """End it all."""
        return True

    do_end = do_EOF


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the box lives; made anew")
    parser.add_argument("--port", type=int, help="of the page of the box")
    options = parser.parse_args()
    shutil.rmtree(options.folder, ignore_errors=True)
    with ExitStack() as stack:
        desk = Desk(options.folder, stack, options.port)
        print("The box starts …", flush=True)
        desk.start()
        print(f"Its page, for the token: http://127.0.0.1:{desk.box.port}/")
        print(f"Its log: {desk.box.log}", flush=True)
        desk.cmdloop()
