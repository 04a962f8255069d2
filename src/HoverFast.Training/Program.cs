Console.WriteLine("hoverfast-train");
