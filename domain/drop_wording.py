"""What merchants read when they try their file server: what became of the test file, in German and English."""

from domain.file_drop import DropVerdict
from domain.tenant_config import Language
from domain.wording.text import Text

_VERDICTS = {
    DropVerdict.WORKS: Text(
        "Eine Testdatei wurde abgelegt, umbenannt, gelesen und wieder gelöscht: alles ist eingerichtet.",
        "A test file was written, renamed, read and deleted again: everything is set up.",
    ),
    DropVerdict.HOST_UNKNOWN: Text(
        "Einen Server dieses Namens gibt es nicht; prüfe die Schreibweise.",
        "There is no server of this name; check how it is written.",
    ),
    DropVerdict.UNREACHABLE: Text(
        "Unter diesem Namen und Port antwortet niemand; prüfe vor allem den Port (üblich sind 22 und 21).",
        "Nobody answers at this name and port; check the port first (22 and 21 are usual).",
    ),
    DropVerdict.HOST_KEY: Text(
        "Der Server weist sich mit einem anderen Schlüssel aus als dem hinterlegten; frage, wer ihn betreut.",
        "The server shows another key than the one that is kept; ask who looks after it.",
    ),
    DropVerdict.LOGIN_REFUSED: Text(
        "Der Server lehnt Benutzer oder Passwort beziehungsweise Schlüssel ab.",
        "The server refuses the user, or the password or key.",
    ),
    DropVerdict.SECRET_UNUSABLE: Text(
        "Der private Schlüssel ist nicht lesbar; gib ihn ohne Passphrase im OpenSSH- oder PEM-Format.",
        "The private key cannot be read; give it without a passphrase in OpenSSH or PEM form.",
    ),
    DropVerdict.FOLDER_MISSING: Text(
        "Den Ordner gibt es auf dem Server nicht; lege ihn an oder prüfe die Schreibweise.",
        "There is no such folder on the server; make it, or check how it is written.",
    ),
    DropVerdict.NOT_ALLOWED: Text(
        "Der Benutzer darf in diesem Ordner nicht schreiben, umbenennen, lesen oder löschen.",
        "The user may not write, rename, read or delete in this folder.",
    ),
    DropVerdict.FULL: Text("Auf dem Server ist kein Platz mehr.", "There is no room left on the server."),
    DropVerdict.BROKEN: Text(
        "Die Verbindung brach ab, oder der Server meldet einen Fehler; versuche es später noch einmal.",
        "The connection broke, or the server reports an error; try again later.",
    ),
}


def drop_sentence(verdict: DropVerdict, language: Language) -> str:
    """What became of a test file, in one sentence."""
    return _VERDICTS[verdict].in_(language)
