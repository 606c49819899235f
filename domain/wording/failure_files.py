"""What merchants are told about their failure files, in German and English."""

from domain.wording.text import Text

CAUSES = {
    "failure_file_waits": Text("Fehlerdatei noch nicht vollständig", "Failure file not complete yet"),
    "failure_file_undelivered": Text("Fehlerdatei nicht zugestellt", "Failure file not delivered"),
}

HAPPENED = {
    "failure_file_waits": Text(
        "Die Fehlerdatei für den {day} ist noch nicht geschrieben. Anfragen vom selben Tag, deren Ergebnis niemand "
        "kennt: {attempts}.",
        "The failure file for {day} is not written yet. Requests of that day whose outcome nobody knows: {attempts}.",
    ),
    "failure_file_undelivered": Text(
        "Die Datei {file} liegt noch nicht in der Ablage ({reason:reason}).",
        "The file {file} is not in the merchant's folder yet ({reason:reason}).",
    ),
}

TO_DO = {
    "failure_file_waits": Text(
        "Klären Sie die offenen Anfragen dieses Tages beim Zahlungsanbieter. Danach wird die Datei von selbst "
        "geschrieben.",
        "Find out at the payment provider what became of the open requests of that day. The file is then written by "
        "itself.",
    ),
    "failure_file_undelivered": Text(
        "Prüfen Sie Zugang und Ordner der Ablage und senden Sie die Datei danach erneut. Bis dahin kann sie "
        "heruntergeladen werden.",
        "Check access and folder of the file server, then send the file again. Until then it can be downloaded.",
    ),
}
